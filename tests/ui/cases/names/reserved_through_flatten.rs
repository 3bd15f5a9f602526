use serde::{Deserialize, Serialize};
use session_runtime::{AccessTokenPayload, ClaimValue};

#[derive(Serialize, Deserialize, ClaimValue)]
struct Profile {
    sub: u8,
}

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Shopper {
    #[serde(flatten)]
    profile: Profile,
}

fn main() {}
