use serde::{Deserialize, Serialize};
use session_runtime::SessionData;

#[derive(Default, Serialize, Deserialize, SessionData)]
struct Visit {
    #[session_data(merg = max)]
    last_page: u32,
}

fn main() {}
