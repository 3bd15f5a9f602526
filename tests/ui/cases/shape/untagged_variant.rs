use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
#[serde(tag = "type")]
enum Account {
    Shopper { level: u8 },
    #[serde(untagged)]
    Admin { rank: u8 },
}

fn main() {}
