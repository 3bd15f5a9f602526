use serde::{Deserialize, Serialize};
use session_runtime::SessionData;

#[derive(Default, Serialize, Deserialize, SessionData)]
struct Cart;

fn main() {}
