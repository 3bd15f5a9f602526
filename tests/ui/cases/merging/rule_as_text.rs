use serde::{Deserialize, Serialize};
use session_runtime::SessionData;

#[derive(Default, Serialize, Deserialize, SessionData)]
struct Visit {
    #[session_data(merge = "max")]
    last_page: u32,
    #[session_data(merge)]
    clicks: u64,
}

fn main() {}
