use serde::{Deserialize, Serialize};
use session_runtime::SessionData;

#[derive(Default, Serialize, Deserialize, SessionData)]
struct Visit {
    #[session_data(merge = apend)]
    trail: Vec<String>,
    #[session_data(merge = fn(u8))]
    clicks: u64,
}

fn main() {}
