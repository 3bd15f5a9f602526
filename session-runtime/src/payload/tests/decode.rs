use serde::{Deserialize, Serialize};
use session_runtime::{AccessTokenPayload, NoData, NoPayload, Secret, SessionData};

use crate::payload::{PayloadError, Unreadable, decode_data, decode_payload, encode_data, encode_payload};

#[derive(Debug, PartialEq, Serialize, Deserialize, AccessTokenPayload)]
#[access_token(kind = "shopper")]
struct ShopperV1 {
    level: u8,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, AccessTokenPayload)]
#[access_token(kind = "shopper", version = 2, compatible_with = ShopperV1)]
struct ShopperV2 {
    #[serde(alias = "level")]
    rank: u16,
    #[serde(default)]
    gold: bool,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, AccessTokenPayload)]
#[access_token(version = 4, from(ShopperV2), unreadable = sign_out)]
struct Shopper {
    #[claim(max_len = 8)]
    rank: String,
}

impl From<ShopperV2> for Shopper {
    fn from(old: ShopperV2) -> Self {
        Self { rank: format!("{}{}", old.rank, if old.gold { "+" } else { "" }) }
    }
}

#[derive(Default, Serialize, Deserialize, SessionData)]
#[session_data(kind = "cart")]
struct CartV1 {
    card: Option<Secret<String>>,
}

#[derive(Default, Serialize, Deserialize, SessionData)]
#[session_data(kind = "cart", version = 2, from(CartV1))]
struct CartV2 {
    cards: Vec<Secret<String>>,
}

impl From<CartV1> for CartV2 {
    fn from(old: CartV1) -> Self {
        Self { cards: old.card.into_iter().collect() }
    }
}

#[derive(Default, Serialize, Deserialize, SessionData)]
#[session_data(version = 3, compatible_with = CartV2, unreadable = reset)]
struct Cart {
    cards: Vec<Secret<String>>,
    #[serde(default)]
    items: Vec<u8>,
}

#[test]
fn a_payload_comes_back_from_every_version_with_a_way() {
    let read = |version, json: &str| decode_payload::<Shopper>("shopper", version, json);
    assert_eq!(read(4, r#"{"rank":"7"}"#), Ok(Shopper { rank: "7".into() }));
    assert_eq!(read(2, r#"{"rank":7,"gold":true}"#), Ok(Shopper { rank: "7+".into() }));
    assert_eq!(read(1, r#"{"level":7}"#), Ok(Shopper { rank: "7".into() }));
    assert_eq!(read(3, "{}"), Err(PayloadError::NoPath { kind: "shopper", found: 3, current: 4 }));
    assert_eq!(read(5, "{}"), Err(PayloadError::NewerVersion { kind: "shopper", found: 5, newest: 4 }));
    assert_eq!(Shopper::UNREADABLE, Unreadable::SignOut);
}

#[test]
fn data_comes_back_from_every_version_with_its_secrets() {
    let read = |version, json: &str| decode_data::<Cart>("cart", version, json).unwrap();
    for (version, json) in [(1, r#"{"card":"4242"}"#), (2, r#"{"cards":["4242"]}"#), (3, r#"{"cards":["4242"]}"#)] {
        let cart = read(version, json);
        assert_eq!(cart.cards.iter().map(|card| card.expose().as_str()).collect::<Vec<_>>(), ["4242"]);
        assert_eq!(encode_data(&cart).unwrap(), r#"{"cards":["4242"],"items":[]}"#);
    }
    assert_eq!(Cart::UNREADABLE, Unreadable::Reset);
}

#[test]
fn one_kind_is_never_read_as_another() {
    let refused = decode_payload::<ShopperV1>("admin", 1, r#"{"level":7}"#);
    assert_eq!(refused, Err(PayloadError::WrongKind { expected: "shopper", found: "admin".into() }));
    assert!(refused.unwrap_err().is_unreadable());
    assert!(decode_data::<NoData>("cart", 1, "{}").is_err());
}

#[test]
fn an_error_never_quotes_what_it_could_not_read() {
    let Err(error) = decode_data::<CartV1>("cart", 1, r#"{"card":{"pan":"4242"}}"#) else { panic!("it was read") };
    assert!(!format!("{error} {error:?}").contains("4242"), "{error}");
    let Err(error) = decode_payload::<ShopperV1>("shopper", 1, r#"{"level":"4242"}"#) else { panic!("it was read") };
    assert!(!format!("{error} {error:?}").contains("4242"), "{error}");
}

#[test]
fn any_text_is_a_typed_outcome() {
    for text in ["", "{", "null", "[]", "\u{fffd}", r#"{"level":256}"#, r#"{"level":1}x"#] {
        let error = decode_payload::<ShopperV1>("shopper", 1, text).unwrap_err();
        assert!(matches!(error, PayloadError::Undecodable { kind: "shopper", .. }), "{error}");
    }
}

#[test]
fn nothing_is_an_object_too() {
    assert_eq!(encode_payload(&NoPayload).as_deref(), Ok("{}"));
    assert_eq!(encode_data(&NoData).as_deref(), Ok("{}"));
    assert_eq!(decode_payload::<NoPayload>("none", 1, "{}"), Ok(NoPayload));
    assert_eq!(decode_data::<NoData>("none", 1, "{}"), Ok(NoData));
}
