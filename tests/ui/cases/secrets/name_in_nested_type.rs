use serde::{Deserialize, Serialize};
use session_runtime::ClaimValue;

#[derive(Serialize, Deserialize, ClaimValue)]
struct Profile {
    ssn: u32,
}

fn main() {}
