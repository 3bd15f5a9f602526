use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Shopper {
    #[serde(skip_serializing_if = "is_zero")]
    level: u8,
}

fn is_zero(level: &u8) -> bool {
    *level == 0
}

fn main() {}
