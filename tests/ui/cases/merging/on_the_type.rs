use serde::{Deserialize, Serialize};
use session_runtime::SessionData;

#[derive(Default, Serialize, Deserialize, SessionData)]
#[session_data(merge = last)]
struct Visit {
    last_page: u32,
}

fn main() {}
