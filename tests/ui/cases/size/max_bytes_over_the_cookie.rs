use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
#[access_token(max_bytes = 5000)]
struct Shopper {
    level: u8,
}

fn main() {}
