use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Shopper {
    #[claim(max = 3)]
    letter: char,
}

fn main() {}
