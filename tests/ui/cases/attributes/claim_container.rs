use serde::{Deserialize, Serialize};
use session_runtime::ClaimValue;

#[derive(Serialize, Deserialize, ClaimValue)]
#[claim(kind = "role")]
enum Role {
    Customer,
}

fn main() {}
