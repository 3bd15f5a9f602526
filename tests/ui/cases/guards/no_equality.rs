use serde::{Deserialize, Serialize};
use session_runtime::{AccessTokenPayload, ClaimValue, Claim};

#[derive(PartialEq, Serialize, Deserialize, ClaimValue)]
enum Role {
    Admin,
}

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Shopper {
    role: Role,
    verified: Claim<bool>,
    #[claim(max_len = 30)]
    roles: Vec<Role>,
}

#[derive(Serialize, Deserialize, ClaimValue)]
enum Level {
    High,
}

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Clerk {
    level: Level,
}

fn main() {
    let guard = Clerk::LEVEL.is(Level::High);
    let _ = session_runtime::claims::Guard::id(&guard);
}
