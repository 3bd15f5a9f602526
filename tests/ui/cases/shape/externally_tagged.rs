use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
enum Account {
    Shopper { level: u8 },
    Admin { level: u8 },
}

fn main() {}
