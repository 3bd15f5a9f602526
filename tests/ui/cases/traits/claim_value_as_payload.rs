use serde::{Deserialize, Serialize};
use session_runtime::{AccessTokenPayload, ClaimValue};

fn issue<P: AccessTokenPayload>(_: P) {}

#[derive(Serialize, Deserialize, ClaimValue)]
struct Profile {
    level: u8,
}

fn main() {
    issue(Profile { level: 1 });
}
