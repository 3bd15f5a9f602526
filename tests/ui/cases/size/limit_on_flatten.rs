use serde::{Deserialize, Serialize};
use session_runtime::{AccessTokenPayload, NoPayload};

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Shopper {
    #[serde(flatten)]
    #[claim(max_len = 3)]
    profile: NoPayload,
}

fn main() {}
