use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Shopper {
    #[claim(max_len = 0)]
    name: String,
}

fn main() {}
