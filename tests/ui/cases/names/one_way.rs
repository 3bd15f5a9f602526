use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Shopper {
    #[serde(rename(serialize = "a", deserialize = "b"))]
    level: u8,
}

fn main() {}
