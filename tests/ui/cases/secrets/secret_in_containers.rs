use serde::{Deserialize, Serialize};
use session_runtime::{AccessTokenPayload, Secret};

use std::collections::BTreeMap;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Shopper {
    option: Option<Secret<String>>,
    array: [Secret<u8>; 2],
    tuple: (u8, Secret<u8>),
    map: BTreeMap<String, Vec<Secret<u8>>>,
}

fn main() {}
