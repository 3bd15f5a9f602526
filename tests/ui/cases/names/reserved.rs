use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Shopper {
    sub: u8,
    #[serde(rename = "exp")]
    expires: u32,
    #[serde(alias = "iat")]
    issued: u32,
}

fn main() {}
