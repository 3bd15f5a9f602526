use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
#[serde(rename_all(serialize = "camelCase"))]
struct Shopper {
    top_level: u8,
}

fn main() {}
