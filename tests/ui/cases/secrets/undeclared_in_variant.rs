use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize)]
struct Profile {
    level: u8,
}

#[derive(Serialize, Deserialize, AccessTokenPayload)]
#[serde(tag = "type")]
enum Account {
    Shopper { profile: Profile },
    Admin(Profile),
}

fn main() {}
