use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

use std::collections::HashMap;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
#[serde(transparent)]
struct Shopper {
    #[claim(max_len = 100)]
    fields: HashMap<String, bool>,
}

fn main() {}
