use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
#[access_token(kind = 3, max_bytes = "many", header_only = true, crate = "x")]
struct Shopper {
    #[claim(max_len = "long", public = 1, key = "K")]
    name: char,
}

fn main() {}
