use serde::{Deserialize, Serialize};
use session_runtime::{AccessTokenPayload, ClaimValue};

#[derive(Serialize, Deserialize, ClaimValue)]
struct Profile {
    bio: String,
}

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Shopper {
    profile: Profile,
}

fn main() {}
