use serde::{Deserialize, Serialize};
use session_runtime::ClaimValue;

#[derive(Deserialize, ClaimValue)]
enum Role {
    Customer,
}

fn main() {}
