use serde::{Deserialize, Serialize};
use session_runtime::{SessionData, Secret};

#[derive(Default, Serialize, Deserialize, SessionData)]
#[session_data(kind = "cart")]
struct OldCart {
    card: Option<Secret<String>>,
}

#[derive(Default, Serialize, Deserialize, SessionData)]
#[session_data(compatible_with = OldCart)]
struct Cart {
    card: Option<Secret<u8>>,
}

fn main() {}
