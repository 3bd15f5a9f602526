use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Shopper {
    #[claim(min = 5, max = -1)]
    level: i8,
}

fn main() {}
