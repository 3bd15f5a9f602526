use serde::{Deserialize, Serialize};
use session_runtime::{AccessTokenPayload, ClaimValue};

#[derive(Serialize, Deserialize, ClaimValue)]
struct Admin {
    _rank: u8,
}

#[derive(Serialize, Deserialize, AccessTokenPayload)]
#[serde(tag = "type")]
enum Account {
    Admin(Admin),
}

fn main() {}
