use serde::{Deserialize, Serialize};
use session_runtime::SessionData;

#[derive(Default, Serialize, Deserialize, SessionData)]
#[session_data(version = 2, from(String))]
struct Cart {}

impl From<String> for Cart {
    fn from(_: String) -> Self {
        Self {}
    }
}

fn main() {}
