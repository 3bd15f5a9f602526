use serde::{Deserialize, Serialize};
use session_runtime::ClaimValue;

#[derive(Serialize, Deserialize, ClaimValue)]
#[serde(from = "u8")]
struct Level {
    value: u8,
}

impl From<u8> for Level {
    fn from(value: u8) -> Self {
        Self { value }
    }
}

fn main() {}
