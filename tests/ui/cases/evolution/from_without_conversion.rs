use serde::{Deserialize, Serialize};
use session_runtime::SessionData;

#[derive(Default, Serialize, Deserialize, SessionData)]
#[session_data(kind = "cart")]
struct CartV1 {}

#[derive(Default, Serialize, Deserialize, SessionData)]
#[session_data(version = 2, from(CartV1))]
struct Cart {}

fn main() {}
