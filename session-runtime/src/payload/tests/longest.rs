//! No value is longer than its type says.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};

use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use session_runtime::{AccessTokenPayload, Claim, ClaimValue};

use crate::payload::size::PAYLOAD_BYTES_IN_A_COOKIE;
use crate::payload::{AsText, PayloadError, encode_payload};

#[derive(Debug, Clone, Serialize, Deserialize, AccessTokenPayload)]
struct Everything {
    numbers: (u8, i8, u16, i16, u32, i32),
    #[claim(lossy_in_js = "a test")]
    wide: (u64, i64, u128, i128),
    #[claim(min = -100, max = 1000)]
    narrow: i64,
    floats: (f32, f64),
    letter: char,
    flag: bool,
    unit: (),
    text: AsText<i128>,
    address: IpAddr,
    #[claim(max_len = 12)]
    name: Option<String>,
    #[claim(max_len = 12)]
    list: Vec<i8>,
    array: [Option<bool>; 3],
    claim: Option<Claim<u16>>,
    #[claim(max_len = 30)]
    map: BTreeMap<String, u8>,
    #[serde(rename = "\"quoted\"\n")]
    quoted: External,
    internal: Internal,
    adjacent: Adjacent,
    untagged: Untagged,
    #[serde(flatten)]
    flat: Flat,
    #[serde(flatten)]
    maybe: Option<Internal2>,
}

#[derive(Debug, Clone, Serialize, Deserialize, ClaimValue)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
enum External {
    UnitVariant,
    One(u8),
    Two(u8, bool),
    Named { first: u32, second: char },
}

#[derive(Debug, Clone, Serialize, Deserialize, ClaimValue)]
#[serde(tag = "type")]
enum Internal {
    Unit,
    One(Flat),
    Named { first: u32 },
}

#[derive(Debug, Clone, Serialize, Deserialize, ClaimValue)]
#[serde(tag = "other tag")]
enum Internal2 {
    Empty {},
    Some { thing: u8 },
}

#[derive(Debug, Clone, Serialize, Deserialize, ClaimValue)]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    Unit,
    One(u8),
    Two(u8, i32),
    Named { first: u32 },
}

#[derive(Debug, Clone, Serialize, Deserialize, ClaimValue)]
#[serde(untagged)]
enum Untagged {
    Number(f64),
    Text(#[claim(max_len = 6)] String),
    Named { first: u32 },
}

#[derive(Debug, Clone, Serialize, Deserialize, ClaimValue)]
#[serde(tag = "struct tag")]
struct Flat {
    inner: Newtype,
}

#[derive(Debug, Clone, Serialize, Deserialize, ClaimValue)]
struct Newtype(#[claim(max_len = 5)] String);

fn text() -> impl Strategy<Value = String> {
    prop_oneof![".{0,14}", "[\u{0}-\u{1f}\"\\\\]{0,3}"]
}

fn flat() -> impl Strategy<Value = Flat> {
    text().prop_map(|text| Flat { inner: Newtype(text) })
}

fn external() -> impl Strategy<Value = External> {
    prop_oneof![
        Just(External::UnitVariant),
        any::<u8>().prop_map(External::One),
        any::<(u8, bool)>().prop_map(|(first, second)| External::Two(first, second)),
        any::<(u32, char)>().prop_map(|(first, second)| External::Named { first, second }),
    ]
}

fn internal() -> impl Strategy<Value = Internal> {
    prop_oneof![
        Just(Internal::Unit),
        flat().prop_map(Internal::One),
        any::<u32>().prop_map(|first| Internal::Named { first }),
    ]
}

fn adjacent() -> impl Strategy<Value = Adjacent> {
    prop_oneof![
        Just(Adjacent::Unit),
        any::<u8>().prop_map(Adjacent::One),
        any::<(u8, i32)>().prop_map(|(first, second)| Adjacent::Two(first, second)),
        any::<u32>().prop_map(|first| Adjacent::Named { first }),
    ]
}

fn untagged() -> impl Strategy<Value = Untagged> {
    prop_oneof![
        any::<f64>().prop_map(Untagged::Number),
        text().prop_map(Untagged::Text),
        any::<u32>().prop_map(|first| Untagged::Named { first }),
    ]
}

fn maybe() -> impl Strategy<Value = Option<Internal2>> {
    proptest::option::of(prop_oneof![
        Just(Internal2::Empty {}),
        any::<u8>().prop_map(|thing| Internal2::Some { thing })
    ])
}

/// Floats that print long come up rarely by chance.
fn float() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>(),
        -1e-4_f64..0.0,
        Just(-f64::MIN_POSITIVE),
        Just(f64::MIN),
        Just(-1.234_567_890_123_456_7e-5)
    ]
}

fn everything() -> impl Strategy<Value = Everything> {
    let plain = (
        any::<(u8, i8, u16, i16, u32, i32)>(),
        any::<(u64, i64, u128, i128)>(),
        -200_i64..2000,
        (any::<f32>(), float()),
        any::<char>(),
        any::<bool>(),
        any::<i128>(),
        any::<u128>(),
    );
    let sized = (
        proptest::option::of(text()),
        proptest::collection::vec(any::<i8>(), 0..6),
        any::<[Option<bool>; 3]>(),
        any::<Option<(u16, i64)>>(),
        proptest::collection::btree_map(text(), any::<u8>(), 0..4),
    );
    let typed = (external(), internal(), adjacent(), untagged(), flat(), maybe());
    (plain, sized, typed).prop_map(|(plain, sized, typed)| {
        let (numbers, wide, narrow, floats, letter, flag, text, address) = plain;
        let (name, list, array, claim, map) = sized;
        let (quoted, internal, adjacent, untagged, flat, maybe) = typed;
        let claim = claim.map(|(value, at)| Claim::at_millis(value, at));
        let (text, address) = (AsText(text), IpAddr::V6(Ipv6Addr::from_bits(address)));
        Everything {
            numbers,
            wide,
            narrow,
            floats,
            letter,
            flag,
            unit: (),
            text,
            address,
            name,
            list,
            array,
            claim,
            map,
            quoted,
            internal,
            adjacent,
            untagged,
            flat,
            maybe,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_payload_exceeds_its_type(value in everything()) {
        let most = Everything::MAX_ENCODED_LEN.expect("every field has a bound");
        match encode_payload(&value) {
            Ok(text) => prop_assert!(text.len() <= most, "{} > {most}", text.len()),
            // The limits on fields are what refuses, never the bound on the whole: it follows from them.
            Err(error) => prop_assert!(
                matches!(error, PayloadError::TooLong { .. } | PayloadError::OutOfRange { .. }), "{error}"
            ),
        }
    }

    #[test]
    fn no_value_exceeds_its_type(
        external in external(), adjacent in adjacent(), float in float(), single in any::<f32>(), letter in any::<char>(),
    ) {
        fn within<T: ClaimValue>(value: &T) -> bool {
            serde_json::to_string(value).unwrap().len() <= T::MAX_ENCODED_LEN.unwrap()
        }
        prop_assert!(within(&external) && within(&adjacent) && within(&float) && within(&single) && within(&letter));
    }
}

/// The bound is reached, so it is no larger than it need be.
#[test]
fn the_longest_values_are_as_long_as_their_types_say() {
    fn is_longest<T: ClaimValue>(value: &T) {
        let text = serde_json::to_string(value).unwrap();
        assert_eq!(Some(text.len()), T::MAX_ENCODED_LEN, "{text}");
    }
    is_longest(&i128::MIN);
    is_longest(&u128::MAX);
    is_longest(&i8::MIN);
    is_longest(&u64::MAX);
    is_longest(&'\0');
    is_longest(&false);
    is_longest(&AsText(i64::MIN));
    is_longest(&[Some(false); 3]);
    is_longest(&(u8::MAX, ()));
    is_longest(&External::Named { first: u32::MAX, second: '\0' });
    is_longest(&Adjacent::Named { first: u32::MAX });
    is_longest(&Claim::at_millis(u16::MAX, i64::MAX));
    is_longest(&-1.234_567_890_123_456_7e-5_f64);
}

#[test]
fn a_cookie_has_room_for_a_useful_payload() {
    assert!((1200..2000).contains(&PAYLOAD_BYTES_IN_A_COOKIE), "{PAYLOAD_BYTES_IN_A_COOKIE}");
}
