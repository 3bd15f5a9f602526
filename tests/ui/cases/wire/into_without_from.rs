use serde::{Deserialize, Serialize};
use session_runtime::ClaimValue;

#[derive(Clone, Serialize, Deserialize, ClaimValue)]
#[serde(into = "u8")]
struct Level {
    value: u8,
}

impl From<Level> for u8 {
    fn from(level: Level) -> Self {
        level.value
    }
}

fn main() {}
