use serde::{Deserialize, Serialize};
use session_runtime::SessionData;

#[derive(Default, Serialize, Deserialize, SessionData)]
struct Cart {
    items: u8,
    #[serde(rename = "items")]
    things: u8,
}

fn main() {}
