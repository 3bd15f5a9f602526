//! Payloads and session data are JSON objects, also where another type's form stands for theirs.

use super::message::Message;
use super::{Content, Schema, SessionData, Tagging, Variant};

/// Refuses session data that is no object.
#[track_caller]
pub const fn check_data<D: SessionData>() {
    match D::SCHEMA {
        // Nothing is known about another type's form; encoding looks at the JSON.
        Schema::Opaque { .. } => {}
        schema => object(schema, "session data"),
    }
}

/// Refuses a type that derives both traits and does not say which field lives where: all of it would be in the token.
#[track_caller]
pub const fn check_only_data(is_payload: bool) {
    if is_payload {
        Message::new("this struct is an access token payload and session data, and no field says where it lives; say `#[session(token)]` where a field travels in the token").refuse();
    }
}

/// Refuses what is no JSON object.
#[track_caller]
pub(super) const fn object(schema: &Schema, noun: &str) {
    if !is_object(schema) {
        Message::new(noun)
            .text(" is a JSON object, and this becomes ")
            .text(describe(schema))
            .text("; use a struct with named fields")
            .refuse();
    }
}

/// Whether every value of the form is an object.
pub(super) const fn is_object(schema: &Schema) -> bool {
    match schema {
        Schema::Object { .. } | Schema::Map { .. } | Schema::Timed { .. } => true,
        Schema::Limited { inner, .. } => is_object(inner),
        Schema::Enum { tagging, variants, .. } => are_objects(*tagging, variants),
        _ => false,
    }
}

const fn are_objects(tagging: Tagging, variants: &[Variant]) -> bool {
    let mut rest = variants;
    while let [variant, others @ ..] = rest {
        let fits = match (tagging, variant.content) {
            (Tagging::Adjacent { .. }, _) => !variant.untagged,
            (Tagging::Internal { .. }, Content::Unit) | (_, Content::Fields { .. }) => true,
            (Tagging::Internal { .. } | Tagging::Untagged, Content::Newtype { value }) => is_object(value),
            (Tagging::External, Content::Newtype { .. } | Content::Tuple { .. }) => true,
            (_, Content::Unit | Content::Tuple { .. }) => false,
        };
        if !fits {
            return false;
        }
        rest = others;
    }
    true
}

/// The form in a word or two.
pub(super) const fn describe(schema: &Schema) -> &'static str {
    match schema {
        Schema::Null => "`null`",
        Schema::Bool => "a boolean",
        Schema::Integer { .. } | Schema::Float => "a number",
        Schema::Text { .. } => "a string",
        Schema::Any | Schema::Opaque { .. } => "anything",
        Schema::Optional { .. } => "`null` or a value",
        Schema::List { .. } | Schema::Tuple { .. } => "an array",
        Schema::Map { .. } => "an object with any names",
        Schema::Object { .. } | Schema::Timed { .. } => "an object",
        Schema::Enum { .. } => "an enum of which some variant is no object",
        Schema::Limited { inner, .. } => describe(inner),
    }
}
