use serde::{Deserialize, Serialize};
use session_runtime::SessionData;

#[derive(Default, Serialize, Deserialize, SessionData)]
struct Visit {
    #[serde(skip)]
    #[session_data(merge = max)]
    cache: u32,
}

fn main() {}
