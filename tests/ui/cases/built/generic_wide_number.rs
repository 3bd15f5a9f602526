use serde::{Deserialize, Serialize};
use session_runtime::ClaimValue;

#[derive(Serialize, Deserialize, ClaimValue)]
struct Pair<T> {
    id: u64,
    extra: T,
}

fn main() {
    println!("{:?}", <Pair<u8> as ClaimValue>::MAX_ENCODED_LEN);
}
