use serde::{Deserialize, Serialize};
use session_runtime::ClaimValue;

#[derive(Serialize, Deserialize, ClaimValue)]
enum Role {
    Admin {
        #[claim(key = RANK)]
        rank: u8,
    },
}

fn main() {}
