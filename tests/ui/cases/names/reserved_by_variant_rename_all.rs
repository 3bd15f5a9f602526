use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
#[serde(tag = "type")]
enum Account {
    #[serde(rename_all = "camelCase")]
    Shopper { t_id: u8 },
}

fn main() {}
