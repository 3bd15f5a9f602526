//! What a session carries: the payload that everybody may read, and the data that stays in the store.
//!
//! - [`ClaimValue`] is what may stand in a payload at all; [`AccessTokenPayload`] is a whole payload, [`SessionData`] what the
//!   store keeps beside it. All three are derived.
//! - A type's [`Schema`] is its JSON form as a constant. From it the compiler works out sizes, names and whether an older
//!   type's JSON can still be read, and minting enforces the limits of `#[claim(…)]`.
//! - [`NoPayload`] and [`NoData`] are for sessions that need neither.
//!
//! # The order of the rules when a payload is encoded
//!
//! 1. It serializes, to a JSON object.
//! 2. Every `max_len`, `min` and `max` holds, at any depth: else [`PayloadError::TooLong`] or [`PayloadError::OutOfRange`].
//! 3. No name at the top is [reserved](RESERVED_NAMES) or begins with `_`. A derived type has shown this when it compiled.
//! 4. The whole fits `max_bytes` and the worst case that the type promises: else [`PayloadError::TooLarge`].

mod access;
mod as_text;
mod codec;
mod compact;
mod compat;
mod data;
mod error;
mod evolve;
mod foreign;
mod length;
mod limits;
mod lock;
mod merge;
mod message;
mod names;
mod questions;
mod rules;
mod schema;
mod shape;
mod size;
mod split;
#[cfg(test)]
mod tests;
mod value;
mod values;

pub use self::access::{AccessTokenPayload, NoPayload, Travels};
pub use self::as_text::AsText;
#[cfg(feature = "testing")]
pub(crate) use self::codec::decode_members;
pub(crate) use self::codec::{decode_data, decode_payload, encode_data, encode_payload};
pub(crate) use self::compact::Members;
pub use self::data::{NoData, SessionData};
pub use self::error::{PayloadError, Unreadable};
pub use self::merge::{Collection, Counter, DataField, Sequence};
pub(crate) use self::merge::{Unmerged, merge};
pub use self::names::RESERVED_NAMES;
pub use self::schema::{Content, Field, Limits, Schema, Tagging, Variant};
pub(crate) use self::size::PAYLOAD_BYTES_IN_A_COOKIE;
pub use self::split::{DataHalf, SplitSession, TokenHalf};
pub use self::value::{ClaimValue, Dated, Form, Maybe, Plain, Timed, ValueOf};

/// What generated code names; see [`crate::__private`].
pub(crate) mod generated {
    pub use super::evolve::{check_data_from, check_data_like, check_payload_from, check_payload_like};
    pub use super::evolve::{data_from, data_like, payload_from, payload_like};
    pub use super::lock::assert_schema_unchanged;
    pub use super::merge::{greatest, least, settle};
    pub use super::rules::{WORDS, Words, check_field, check_payload_field, check_payload_value, check_value, checked};
    pub use super::schema::{FIELD, LIMITS, NoSchema, Probe, VARIANT, known_or, longest};
    pub use super::shape::{check_data, check_only_data};
    pub use super::size::check_payload;
    pub use super::split::{FromRest, needs_data_half};
}
