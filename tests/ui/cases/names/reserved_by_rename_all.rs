use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
#[serde(rename_all = "camelCase")]
struct Shopper {
    session_handle: u8,
    anti_csrf_token: bool,
}

fn main() {}
