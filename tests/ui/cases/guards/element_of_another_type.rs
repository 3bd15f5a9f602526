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

fn main() {
    let _ = Shopper::ROLES.includes("admin");
}
