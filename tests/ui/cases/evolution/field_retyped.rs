use serde::{Deserialize, Serialize};
use session_runtime::SessionData;

#[derive(Default, Serialize, Deserialize, SessionData)]
#[session_data(kind = "cart")]
struct OldCart {
    count: u16,
}

#[derive(Default, Serialize, Deserialize, SessionData)]
#[session_data(compatible_with = OldCart)]
struct Cart {
    count: u8,
}

fn main() {}
