use serde::{Deserialize, Serialize};
use session_runtime::{AccessTokenPayload, Claim};

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Shopper {
    id: u64,
    delta: i64,
    huge: u128,
    list: [u64; 2],
    time: Claim<u64>,
}

fn main() {}
