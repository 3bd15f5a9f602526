use serde::{Deserialize, Serialize};
use session_runtime::SessionData;

#[derive(Default, Serialize, Deserialize, SessionData)]
struct Visit {
    #[session_data(merge = append)]
    clicks: u64,
}

fn main() {}
