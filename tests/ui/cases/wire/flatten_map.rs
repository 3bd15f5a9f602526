use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

use std::collections::HashMap;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Shopper {
    #[serde(flatten)]
    more: HashMap<String, String>,
}

fn main() {}
