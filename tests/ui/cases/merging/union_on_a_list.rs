use serde::{Deserialize, Serialize};
use session_runtime::SessionData;

#[derive(Default, Serialize, Deserialize, SessionData)]
struct Visit {
    #[session_data(merge = union)]
    trail: Vec<String>,
}

fn main() {}
