use serde::{Deserialize, Serialize};
use session_runtime::{AccessTokenPayload, Secret};

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Shopper {
    card: Secret<String>,
}

fn main() {}
