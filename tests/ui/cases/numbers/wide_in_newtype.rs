use serde::{Deserialize, Serialize};
use session_runtime::ClaimValue;

#[derive(Serialize, Deserialize, ClaimValue)]
struct Id(u64);

fn main() {}
