use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

use std::collections::BTreeMap;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Shopper {
    #[claim(max_len = 100)]
    levels: BTreeMap<u8, bool>,
}

fn main() {}
