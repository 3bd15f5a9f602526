use serde::{Deserialize, Serialize};
use session_runtime::ClaimValue;

#[derive(Serialize, Deserialize, ClaimValue)]
struct Pair<T> {
    id: u64,
    extra: T,
}

const LEN: Option<usize> = <Pair<u8> as ClaimValue>::MAX_ENCODED_LEN;

fn main() {
    println!("{LEN:?}");
}
