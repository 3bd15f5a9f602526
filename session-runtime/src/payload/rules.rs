//! What a field's type may be, asked by the compiler once per field.

use super::message::Message;
use super::names::bare;
use super::questions::{bare_claim, exceeds_js, field, has_length, holds_anything, integer, wrong_key};
use super::shape::{describe, is_object};
use super::{AccessTokenPayload, ClaimValue, Limits, Schema, size};

/// What the field was told in `#[claim(…)]`.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    /// `public = "…"`
    pub public: bool,
    /// `lossy_in_js = "…"`
    pub lossy_in_js: bool,
}

/// Nothing said.
pub const WORDS: Words = Words { public: false, lossy_in_js: false };

/// Checks one field of a claim value, by the position of its variant and its own.
#[track_caller]
pub const fn check_field<T: ClaimValue>(variant: usize, at: usize, words: Words) {
    if let Some((name, schema, flatten)) = field(T::SCHEMA, variant, at) {
        check(name, schema, flatten, words);
    }
}

/// Checks one field of a payload: as for any claim value, and it must have a bound if the payload has to keep to a limit.
#[track_caller]
pub const fn check_payload_field<P: AccessTokenPayload>(variant: usize, at: usize, words: Words) {
    if let Some((name, schema, flatten)) = field(P::SCHEMA, variant, at) {
        check(name, schema, flatten, words);
        if size::is_limited::<P>() && schema.max_encoded_len().is_none() {
            unbounded(name, schema);
        }
    }
}

/// Checks the one value of a newtype.
#[track_caller]
pub const fn check_value<T: ClaimValue>(words: Words) {
    check("", T::SCHEMA, false, words);
}

/// Checks the one value of a transparent payload.
#[track_caller]
pub const fn check_payload_value<P: AccessTokenPayload>(words: Words) {
    check("", P::SCHEMA, false, words);
    if size::is_limited::<P>() && P::SCHEMA.max_encoded_len().is_none() {
        unbounded("", P::SCHEMA);
    }
}

/// Checks the value of a generic type's field, on the way into the schema.
#[track_caller]
#[must_use]
pub const fn checked(schema: &'static Schema, name: &'static str, limits: Limits, words: Words) -> &'static Schema {
    check_limits(name, schema, limits);
    check_limited(name, schema, limits, words);
    schema
}

#[track_caller]
const fn check(name: &str, schema: &Schema, flatten: bool, words: Words) {
    if flatten {
        return check_flatten(schema);
    }
    match schema {
        Schema::Limited { inner, limits } => {
            check_limits(name, inner, *limits);
            check_limited(name, inner, *limits, words);
        }
        schema => check_limited(name, schema, super::schema::LIMITS, words),
    }
}

#[track_caller]
const fn check_limited(name: &str, schema: &Schema, limits: Limits, words: Words) {
    if !words.public && holds_anything(schema) {
        Message::new("the value of ")
            .name(name)
            .text(" can hold anything, also a secret, and everybody who holds the token can read it; give it a type, or say `#[claim(public = \"why it may be seen\")]`")
            .refuse();
    }
    if !words.lossy_in_js && exceeds_js(schema, limits) {
        Message::new("a number in ")
            .name(name)
            .text(" can exceed 9007199254740991, and browsers lose digits beyond it; bound it with `#[claim(max = …)]`, and `min` if it is signed, use `AsText<_>`, or say `#[claim(lossy_in_js = \"why\")]`")
            .refuse();
    }
    if let Some(key) = wrong_key(schema) {
        Message::new("the names of a JSON object are text, and the keys of ")
            .name(name)
            .text(" become ")
            .text(describe(key))
            .refuse();
    }
}

/// A limit must mean something for the type, and allow no more than the type does.
#[track_caller]
const fn check_limits(name: &str, schema: &Schema, limits: Limits) {
    if limits.max_len.is_some() && !has_length(schema) {
        Message::new("`max_len` means nothing for ")
            .name(name)
            .text(", which is ")
            .text(describe(bare_claim(schema)))
            .text("; it is for strings and sequences")
            .refuse();
    }
    let Limits { min, max, .. } = limits;
    if min.is_none() && max.is_none() {
        return;
    }
    let Some((least, most)) = integer(schema) else {
        Message::new("`min` and `max` are for whole numbers, and ")
            .name(name)
            .text(" is ")
            .text(describe(bare_claim(schema)))
            .refuse()
    };
    check_end(name, min, least, most);
    check_end(name, max, least, most);
}

#[track_caller]
const fn check_end(name: &str, end: Option<i128>, least: i128, most: u128) {
    if let Some(end) = end
        && (end < least || (end > 0 && end.unsigned_abs() > most))
    {
        Message::new("the type of ")
            .name(name)
            .text(" holds numbers from ")
            .signed(least)
            .text(" to ")
            .number(most)
            .text(", and the limit ")
            .signed(end)
            .text(" is outside")
            .refuse();
    }
}

#[track_caller]
const fn check_flatten(schema: &Schema) {
    match bare(schema) {
        Schema::Map { .. } | Schema::Any => Message::new(
            "`flatten` of a map lets any name into the token, reserved ones too; give it a field of its own, or flatten a struct",
        )
        .refuse(),
        other if is_object(other) => {}
        other => Message::new("`flatten` wants a type with named fields, and this becomes ").text(describe(other)).refuse(),
    }
}

#[track_caller]
pub(super) const fn unbounded(name: &str, schema: &Schema) {
    let message = Message::new("nothing bounds the length of ").name(name);
    match bare_claim(schema) {
        Schema::Object { name: ty, .. } | Schema::Enum { name: ty, .. } => message
            .text(": something in ")
            .name(ty)
            .text(" has no bound; say `#[claim(max_len = …)]` there or here, or move it to the session data")
            .refuse(),
        other => message
            .text(", which is ")
            .text(describe(other))
            .text("; say `#[claim(max_len = …)]` in bytes of JSON, or move it to the session data (a payload that never travels in a cookie says `header_only`)")
            .refuse(),
    }
}
