use serde::{Deserialize, Serialize};
use session_runtime::SessionData;

#[derive(Default, Serialize, Deserialize, SessionData)]
#[session_data(kind = "cart")]
struct OldCart {
    items: Vec<u8>,
}

#[derive(Default, Serialize, Deserialize, SessionData)]
#[session_data(compatible_with = OldCart)]
struct Cart {
    things: Vec<u8>,
}

fn main() {}
