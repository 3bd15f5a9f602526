use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Shopper {
    level: u8,
    #[serde(rename = "level")]
    rank: u8,
}

fn main() {}
