use serde::{Deserialize, Serialize};
use session_runtime::SessionData;

#[derive(Default, Serialize, Deserialize, SessionData)]
#[session_data(version = LATEST)]
struct Cart {}

const LATEST: u32 = 2;

fn main() {}
