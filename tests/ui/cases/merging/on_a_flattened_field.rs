use serde::{Deserialize, Serialize};
use session_runtime::SessionData;

#[derive(Default, Serialize, Deserialize)]
struct More {
    clicks: u64,
}

#[derive(Default, Serialize, Deserialize, SessionData)]
struct Visit {
    #[serde(flatten)]
    #[session_data(merge = union)]
    more: More,
}

fn main() {}
