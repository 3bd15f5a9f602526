use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Shopper {
    #[serde(skip)]
    #[claim(max_len = 3)]
    cache: String,
}

fn main() {}
