use serde::{Deserialize, Serialize};
use session_runtime::SessionData;

#[derive(Default, Serialize, Deserialize, SessionData)]
struct CartV1 {}

#[derive(Default, Serialize, Deserialize, SessionData)]
#[session_data(version = 2, from(CartV1))]
struct Cart {}

impl From<CartV1> for Cart {
    fn from(_: CartV1) -> Self {
        Self {}
    }
}

fn main() {}
