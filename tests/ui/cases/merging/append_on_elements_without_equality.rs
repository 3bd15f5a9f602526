use serde::{Deserialize, Serialize};
use session_runtime::SessionData;

#[derive(Clone, Serialize, Deserialize)]
struct Page(u32);

#[derive(Default, Serialize, Deserialize, SessionData)]
struct Visit {
    #[session_data(merge = append)]
    trail: Vec<Page>,
}

fn main() {}
