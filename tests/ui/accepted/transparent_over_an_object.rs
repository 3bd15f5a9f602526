use serde::{Deserialize, Serialize};
use session_runtime::{AccessTokenPayload, ClaimValue};

#[derive(Serialize, Deserialize, ClaimValue)]
struct Inner {
    level: u8,
}

#[derive(Serialize, Deserialize, AccessTokenPayload)]
#[serde(transparent)]
struct Shopper(Inner);

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Flat {
    #[serde(flatten)]
    inner: Inner,
    #[serde(flatten)]
    more: Option<Other>,
}

#[derive(Serialize, Deserialize, ClaimValue)]
struct Other {
    rank: u8,
}

#[test]
fn accepted() {
    assert_eq!(Shopper::MAX_ENCODED_LEN, Inner::MAX_ENCODED_LEN);
    assert_eq!(Flat::MAX_ENCODED_LEN, Some(r#"{"level":255,"rank":255}"#.len()));
}
