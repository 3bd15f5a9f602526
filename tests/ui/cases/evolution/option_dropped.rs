use serde::{Deserialize, Serialize};
use session_runtime::SessionData;

#[derive(Default, Serialize, Deserialize, SessionData)]
#[session_data(kind = "cart")]
struct OldCart {
    note: Option<u8>,
}

#[derive(Default, Serialize, Deserialize, SessionData)]
#[session_data(compatible_with = OldCart)]
struct Cart {
    note: u8,
}

fn main() {}
