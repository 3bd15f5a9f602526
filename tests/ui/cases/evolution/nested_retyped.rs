use serde::{Deserialize, Serialize};
use session_runtime::{ClaimValue, SessionData};

#[derive(Default, Serialize, Deserialize, ClaimValue)]
struct ItemV1 {
    id: u32,
}

#[derive(Default, Serialize, Deserialize, ClaimValue)]
struct Item {
    id: String,
}

#[derive(Default, Serialize, Deserialize, SessionData)]
#[session_data(kind = "cart")]
struct OldCart {
    item: ItemV1,
}

#[derive(Default, Serialize, Deserialize, SessionData)]
#[session_data(compatible_with = OldCart)]
struct Cart {
    item: Item,
}

fn main() {}
