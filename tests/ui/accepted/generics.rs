use serde::{Deserialize, Serialize};
use session_runtime::{AccessTokenPayload, ClaimValue, SessionData};

use std::marker::PhantomData;

#[derive(Default, Serialize, Deserialize, AccessTokenPayload)]
struct Shopper<T = u8, M = (), const N: usize = 4>
where
    T: Clone,
{
    extra: T,
    more: Option<T>,
    marker: PhantomData<M>,
}

#[derive(Default, Serialize, Deserialize, SessionData)]
struct Cart<T: Clone> {
    items: Vec<T>,
}

#[derive(Serialize, Deserialize, ClaimValue)]
struct Wrapped<T>(T);

#[test]
fn accepted() {
    assert_eq!(<Shopper>::MAX_ENCODED_LEN, Some(r#"{"extra":255,"more":null,"marker":null}"#.len()));
    assert_eq!(Cart::<u8>::KIND, "cart");
    assert_eq!(Wrapped::<bool>::MAX_ENCODED_LEN, Some(5));
    assert_eq!(Shopper::<u8, (), 3>::EXTRA.name(), "extra");
}
