use serde::{Deserialize, Serialize};
use session_runtime::SessionData;

#[derive(Default, Serialize, Deserialize, SessionData)]
#[session_data(kind = "")]
struct Cart {}

fn main() {}
