use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
#[access_token]
struct Shopper {
    #[claim = 3]
    name: char,
}

fn main() {}
