use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
#[serde(tag = "aud")]
enum Account {
    Shopper { level: u8 },
}

fn main() {}
