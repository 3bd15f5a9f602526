use serde::{Deserialize, Serialize};
use session_runtime::{AccessTokenPayload, ClaimValue, Claim};

use session_runtime::claims::Guard;

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

fn guards<P>(_: impl Guard<P>) {}

fn main() {
    guards::<Shopper>("admins only");
}
