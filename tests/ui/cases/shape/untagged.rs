use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
#[serde(untagged)]
enum Account {
    Shopper { level: u8 },
    Admin { rank: u8 },
}

fn main() {}
