use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Shopper {
    password: bool,
    api_key: u8,
    card_cvv: u8,
    #[serde(rename = "accessToken")]
    handle: u8,
}

fn main() {}
