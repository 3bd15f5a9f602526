//! Names at the top of a payload, for what a derive cannot see: fields that come in through other types.

use super::message::{Message, contains, same};
use super::{Content, Field, Schema, Tagging, Variant};

/// Names that no payload may have at its top: what an access token carries of its own, what RFC 7519 section 4.1 registers,
/// and what front ends of the session protocol strip. Names that begin with `_` are the library's as well.
pub const RESERVED_NAMES: &[&str] = &[
    "sub",
    "iat",
    "exp",
    "iss",
    "aud",
    "nbf",
    "jti",
    "rsub",
    "stt",
    "tId",
    "sessionHandle",
    "antiCsrfToken",
    "act",
    "refreshTokenHash1",
    "parentRefreshTokenHash1",
];

/// Whether a name is not for users.
pub(super) const fn is_reserved(name: &str) -> bool {
    matches!(name.as_bytes(), [b'_', ..]) || contains(RESERVED_NAMES, name)
}

/// Refuses reserved and repeated names, wherever they come from.
#[track_caller]
pub(super) const fn check(root: &Schema) {
    visit(root, root);
}

#[track_caller]
const fn visit(root: &Schema, part: &Schema) {
    match bare(part) {
        Schema::Object { fields, .. } => visit_fields(root, fields),
        Schema::Enum { tagging, variants, .. } => visit_variants(root, *tagging, variants),
        _ => {}
    }
}

#[track_caller]
const fn visit_fields(root: &Schema, fields: &[Field]) {
    let mut rest = fields;
    while let [field, others @ ..] = rest {
        if field.flatten {
            visit(root, field.schema);
        } else {
            judge(root, field.name);
            judge_all(root, field.aliases);
        }
        rest = others;
    }
}

#[track_caller]
const fn visit_variants(root: &Schema, tagging: Tagging, variants: &[Variant]) {
    if let Tagging::Internal { tag } | Tagging::Adjacent { tag, .. } = tagging {
        judge(root, tag);
    }
    if let Tagging::Adjacent { content, .. } = tagging {
        return judge(root, content);
    }
    let mut rest = variants;
    while let [variant, others @ ..] = rest {
        match (tagging, variant.content) {
            (Tagging::External, _) => judge(root, variant.name),
            (_, Content::Fields { fields }) => visit_fields(root, fields),
            (_, Content::Newtype { value }) => visit(root, value),
            (_, Content::Unit | Content::Tuple { .. }) => {}
        }
        rest = others;
    }
}

#[track_caller]
const fn judge_all(root: &Schema, names: &[&str]) {
    let mut rest = names;
    while let [name, others @ ..] = rest {
        judge(root, name);
        rest = others;
    }
}

#[track_caller]
const fn judge(root: &Schema, name: &str) {
    if is_reserved(name) {
        Message::new("the name ")
            .name(name)
            .text(" comes to the top of the payload through another type, and it belongs to the access token; rename it there")
            .refuse();
    }
    if count(root, name) > 1 {
        Message::new("two fields come to the top of the payload with the name ")
            .name(name)
            .text("; rename one of them")
            .refuse();
    }
}

/// How often a name can stand in one and the same object.
const fn count(schema: &Schema, name: &str) -> usize {
    match bare(schema) {
        Schema::Object { fields, .. } => count_fields(fields, name),
        Schema::Enum { tagging: Tagging::Adjacent { tag, content }, .. } => {
            same(tag, name) as usize + same(content, name) as usize
        }
        Schema::Enum { tagging, variants, .. } => {
            let tag = match tagging {
                Tagging::Internal { tag } => same(tag, name) as usize,
                _ => 0,
            };
            tag + count_variants(*tagging, variants, name)
        }
        _ => 0,
    }
}

const fn count_fields(fields: &[Field], name: &str) -> usize {
    let mut rest = fields;
    let mut found = 0;
    while let [field, others @ ..] = rest {
        found += if field.flatten {
            count(field.schema, name)
        } else {
            same(field.name, name) as usize + contains(field.aliases, name) as usize
        };
        rest = others;
    }
    found
}

/// Only one variant is there at a time, so the most count.
const fn count_variants(tagging: Tagging, variants: &[Variant], name: &str) -> usize {
    let mut rest = variants;
    let mut most = 0;
    while let [variant, others @ ..] = rest {
        let here = match (tagging, variant.content) {
            (Tagging::External, _) => same(variant.name, name) as usize,
            (_, Content::Fields { fields }) => count_fields(fields, name),
            (_, Content::Newtype { value }) => count(value, name),
            (_, Content::Unit | Content::Tuple { .. }) => 0,
        };
        if here > most {
            most = here;
        }
        rest = others;
    }
    most
}

/// The form without what surrounds it.
pub(super) const fn bare(schema: &Schema) -> &Schema {
    match schema {
        Schema::Limited { inner, .. } | Schema::Optional { inner } => bare(inner),
        other => other,
    }
}
