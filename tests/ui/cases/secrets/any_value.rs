use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
#[access_token(header_only)]
struct Shopper {
    extra: serde_json::Value,
    list: Vec<serde_json::Value>,
}

fn main() {}
