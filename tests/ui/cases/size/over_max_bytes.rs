use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
#[access_token(max_bytes = 40)]
struct Shopper {
    level: u8,
    scores: [u32; 8],
}

fn main() {}
