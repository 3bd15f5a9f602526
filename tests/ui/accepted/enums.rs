use serde::{Deserialize, Serialize};
use session_runtime::{AccessTokenPayload, ClaimValue};

#[derive(Serialize, Deserialize, AccessTokenPayload)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
enum Account {
    BigShopper { top_level: u8 },
    Admin(Admin),
    Nobody,
}

#[derive(Serialize, Deserialize, AccessTokenPayload)]
#[serde(tag = "type", content = "of")]
enum Adjacent {
    Pair(u8, bool),
    One(u8),
    Nothing,
}

#[derive(Serialize, Deserialize, ClaimValue)]
struct Admin {
    rank: u8,
}

#[test]
fn accepted() {
    assert_eq!((Account::KIND, Adjacent::KIND), ("account", "adjacent"));
}
