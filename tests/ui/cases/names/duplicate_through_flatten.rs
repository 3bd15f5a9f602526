use serde::{Deserialize, Serialize};
use session_runtime::{AccessTokenPayload, ClaimValue};

#[derive(Serialize, Deserialize, ClaimValue)]
struct Profile {
    level: u8,
}

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Shopper {
    level: u8,
    #[serde(flatten)]
    profile: Profile,
}

fn main() {}
