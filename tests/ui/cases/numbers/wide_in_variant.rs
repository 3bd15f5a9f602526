use serde::{Deserialize, Serialize};
use session_runtime::ClaimValue;

#[derive(Serialize, Deserialize, ClaimValue)]
enum Id {
    Number(u64),
    Pair(u8, i64),
    Named { id: Option<u64> },
}

fn main() {}
