use serde::{Deserialize, Serialize};
use session_runtime::{AccessTokenPayload, ClaimValue};

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Shopper<T> {
    extra: T,
}

fn longest<T>() -> Option<usize> {
    <Shopper<T> as ClaimValue>::MAX_ENCODED_LEN
}

fn main() {}
