use serde::{Deserialize, Serialize};
use session_runtime::ClaimValue;

#[derive(Serialize, Deserialize, ClaimValue)]
enum Role {
    Admin,
    #[serde(alias = "Admin")]
    Owner,
}

fn main() {}
