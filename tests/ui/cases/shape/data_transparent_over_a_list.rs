use serde::{Deserialize, Serialize};
use session_runtime::SessionData;

#[derive(Default, Serialize, Deserialize, SessionData)]
#[serde(transparent)]
struct Cart {
    items: Vec<u8>,
}

fn main() {}
