use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
#[access_token(version = 0)]
struct Shopper {
    sub: u8,
    secret: u8,
}

fn main() {}
