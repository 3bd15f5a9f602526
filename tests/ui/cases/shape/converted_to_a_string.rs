use serde::{Deserialize, Serialize};
use session_runtime::AccessTokenPayload;

#[derive(Clone, Serialize, Deserialize, AccessTokenPayload)]
#[serde(into = "char", from = "char")]
struct Shopper {
    letter: char,
}

impl From<char> for Shopper {
    fn from(letter: char) -> Self {
        Self { letter }
    }
}

impl From<Shopper> for char {
    fn from(shopper: Shopper) -> Self {
        shopper.letter
    }
}

fn main() {}
