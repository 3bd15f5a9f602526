use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Shopper {
    #[claim(max = 300)]
    level: u8,
    #[claim(min = -1)]
    rank: u8,
}

fn main() {}
