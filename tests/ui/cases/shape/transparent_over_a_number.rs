use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
#[serde(transparent)]
struct Shopper {
    level: u8,
}

fn main() {}
