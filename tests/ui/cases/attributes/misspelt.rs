use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
#[access_token(knid = "shopper")]
struct Shopper {
    #[claim(max_lem = 3)]
    name: char,
}

fn main() {}
