use serde::{Deserialize, Serialize};
use session_runtime::{AccessTokenPayload, SessionData};

#[derive(Default, Serialize, Deserialize, AccessTokenPayload, SessionData)]
struct Checkout {
    step: u8,
}

fn main() {}
