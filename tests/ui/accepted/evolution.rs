use serde::{Deserialize, Serialize};
use session_runtime::SessionData;

#[derive(Default, Serialize, Deserialize, SessionData)]
#[session_data(kind = "cart")]
struct CartV1 {
    item: u8,
}

#[derive(Default, Serialize, Deserialize, SessionData)]
#[session_data(kind = "cart", version = 2, from(CartV1))]
struct CartV2 {
    items: Vec<u8>,
}

impl From<CartV1> for CartV2 {
    fn from(old: CartV1) -> Self {
        Self { items: vec![old.item] }
    }
}

#[derive(Default, Serialize, Deserialize, SessionData)]
#[session_data(kind = "cart", version = 3, compatible_with = CartV2)]
struct Cart {
    #[serde(alias = "items")]
    things: Vec<u16>,
    note: Option<String>,
}

#[test]
fn accepted() {
    let cart = Cart::from_older(1, r#"{"item":7}"#).unwrap();
    assert_eq!(cart.things, [7]);
    assert!(Cart::from_older(2, r#"{"items":[1]}"#).is_ok());
    assert!(Cart::from_older(0, "{}").is_err());
    assert_eq!(cart.note, None);
}
