use serde::{Deserialize, Serialize};
use session_runtime::SessionData;

#[derive(Default, Serialize, Deserialize, SessionData)]
#[session_data(version = 4294967296)]
struct Cart {}

fn main() {}
