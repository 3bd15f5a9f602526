use serde::{Deserialize, Serialize};
use session_runtime::SessionData;

#[derive(Default, Serialize, Deserialize, SessionData)]
#[serde(tag = "type")]
enum Visit {
    #[default]
    Nobody,
    Somebody {
        #[session_data(merge = add)]
        clicks: u64,
    },
}

fn main() {}
