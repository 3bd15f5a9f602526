use serde::{Deserialize, Serialize};
use session_runtime::SessionData;

#[derive(Serialize, Deserialize, SessionData)]
struct Cart {
    items: Vec<u8>,
}

fn main() {}
