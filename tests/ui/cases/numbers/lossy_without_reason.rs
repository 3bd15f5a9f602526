use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
struct Shopper {
    #[claim(lossy_in_js = " ")]
    id: u64,
}

fn main() {}
