use serde::{Deserialize, Serialize};
use session_runtime::ClaimValue;

#[derive(Serialize, Deserialize, ClaimValue)]
enum Factor {
    Code { otp: u32 },
}

fn main() {}
