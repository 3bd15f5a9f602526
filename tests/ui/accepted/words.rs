use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Serialize, Deserialize, AccessTokenPayload)]
#[access_token(header_only)]
struct Shopper {
    #[claim(public = "it is the colour of a pin on a map")]
    pin: u8,
    #[claim(public = "it comes from our own catalogue")]
    extra: serde_json::Value,
    #[claim(lossy_in_js = "only servers read it")]
    id: u64,
    #[claim(min = -10, max = LIMIT)]
    delta: i64,
    #[claim(max_len = NAME)]
    name: String,
    #[claim(key = LEVEL_KEY)]
    level: u8,
    compass: u8,
}

const LIMIT: u32 = 10;
const NAME: usize = 10;

impl Shopper {
    const LEVEL: u8 = 7;
}

#[test]
fn accepted() {
    assert_eq!((Shopper::LEVEL, Shopper::LEVEL_KEY.name()), (7, "level"));
}
