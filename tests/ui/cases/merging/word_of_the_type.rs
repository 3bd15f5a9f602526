use serde::{Deserialize, Serialize};
use session_runtime::SessionData;

#[derive(Default, Serialize, Deserialize, SessionData)]
struct Visit {
    #[session_data(version = 2)]
    last_page: u32,
}

fn main() {}
