use serde::{Deserialize, Serialize};
use session_runtime::ClaimValue;

#[derive(Serialize, Deserialize, ClaimValue)]
#[serde(remote = "Foreign")]
struct Local {
    value: u8,
}

pub struct Foreign {
    pub value: u8,
}

fn main() {}
