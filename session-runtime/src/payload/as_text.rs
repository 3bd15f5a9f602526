//! Wide numbers that keep every digit in a browser.

use std::fmt::Display;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{ClaimValue, Plain, Schema};

/// A whole number that travels as a string.
///
/// A browser reads JSON numbers as 64-bit floats and loses digits beyond 2⁵³ − 1. A field of `u64`, `i64`, `u128` or `i128` in
/// a payload therefore either has a range (`#[claim(max = …)]`), or is an `AsText`, or says `#[claim(lossy_in_js = "why")]`.
///
/// ```
/// use session_runtime::payload::AsText;
///
/// let id = AsText(u64::MAX);
/// assert_eq!(serde_json::to_string(&id)?, r#""18446744073709551615""#);
/// assert_eq!(serde_json::from_str::<AsText<u64>>(r#""42""#)?, AsText(42));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AsText<T>(
    /// The number.
    pub T,
);

impl<T: Display> Serialize for AsText<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for AsText<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Digits<T>(PhantomData<T>);
        impl<T: FromStr<Err: Display>> de::Visitor<'_> for Digits<T> {
            type Value = AsText<T>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a whole number in a string")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                text.parse().map(AsText).map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Digits(PhantomData))
    }
}

macro_rules! texts {
    ($($ty:ident)*) => {$(
        impl ClaimValue for AsText<$ty> {
            type Form = Plain;
            const SCHEMA: &'static Schema = &Schema::Text { max_len: $ty::SCHEMA.max_encoded_len() };
        }
    )*};
}

texts!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);
