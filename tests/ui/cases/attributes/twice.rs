use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
#[access_token(kind = "a", kind = "b")]
#[access_token(version = 1, version = 2)]
struct Shopper {
    #[claim(max_len = 1, max_len = 2)]
    name: String,
}

fn main() {}
