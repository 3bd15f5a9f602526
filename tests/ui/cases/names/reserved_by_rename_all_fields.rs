use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
#[serde(tag = "type", rename_all_fields = "camelCase")]
enum Account {
    Shopper { session_handle: u8 },
}

fn main() {}
