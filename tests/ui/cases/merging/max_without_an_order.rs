use serde::{Deserialize, Serialize};
use session_runtime::SessionData;

#[derive(Clone, Default, Serialize, Deserialize)]
struct Page(u32);

#[derive(Default, Serialize, Deserialize, SessionData)]
struct Visit {
    #[session_data(merge = max)]
    last_page: Page,
}

fn main() {}
