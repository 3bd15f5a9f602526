//! Questions about a schema that the rules ask.

use super::{Content, Field, Limits, Schema, Tagging, Variant, length};

/// The field at a position, as the derive counts: the fields of a struct, or of a variant.
pub(super) const fn field(
    schema: &'static Schema,
    variant: usize,
    at: usize,
) -> Option<(&'static str, &'static Schema, bool)> {
    match schema {
        Schema::Object { fields, .. } => nth(fields, at),
        Schema::Tuple { items } => nth_item(items, at),
        Schema::Enum { variants, .. } => match nth_content(variants, variant) {
            Some(Content::Fields { fields }) => nth(fields, at),
            Some(Content::Tuple { items }) => nth_item(items, at),
            Some(Content::Newtype { value }) => Some(("", value, false)),
            Some(Content::Unit) | None => None,
        },
        _ => None,
    }
}

const fn nth(fields: &'static [Field], at: usize) -> Option<(&'static str, &'static Schema, bool)> {
    match fields {
        [field, ..] if at == 0 => Some((field.name, field.schema, field.flatten)),
        [_, rest @ ..] => nth(rest, at - 1),
        [] => None,
    }
}

const fn nth_item(items: &'static [&'static Schema], at: usize) -> Option<(&'static str, &'static Schema, bool)> {
    match items {
        [item, ..] if at == 0 => Some(("", item, false)),
        [_, rest @ ..] => nth_item(rest, at - 1),
        [] => None,
    }
}

const fn nth_content(variants: &'static [Variant], at: usize) -> Option<Content> {
    match variants {
        [variant, ..] if at == 0 => Some(variant.content),
        [_, rest @ ..] => nth_content(rest, at - 1),
        [] => None,
    }
}

/// Types with a name of their own have checked their fields; only what stands around them is looked through here.
pub(super) const fn holds_anything(schema: &Schema) -> bool {
    match schema {
        Schema::Any => true,
        Schema::Optional { inner } | Schema::Timed { inner } | Schema::Limited { inner, .. } => holds_anything(inner),
        Schema::List { item, .. } => holds_anything(item),
        Schema::Map { value, .. } => holds_anything(value),
        Schema::Tuple { items } => {
            let mut rest: &[&Schema] = items;
            while let [item, others @ ..] = rest {
                if holds_anything(item) {
                    return true;
                }
                rest = others;
            }
            false
        }
        _ => false,
    }
}

pub(super) const fn exceeds_js(schema: &Schema, limits: Limits) -> bool {
    match schema {
        Schema::Integer { min, max } => {
            let below = match limits.min {
                Some(least) if least > *min => least,
                _ => *min,
            };
            let above = match limits.max {
                Some(most) if most < 0 => 0,
                Some(most) if most.unsigned_abs() < *max => most.unsigned_abs(),
                _ => *max,
            };
            above > length::JS_MAX || (below < 0 && below.unsigned_abs() > length::JS_MAX)
        }
        Schema::Optional { inner } | Schema::Timed { inner } => exceeds_js(inner, limits),
        Schema::Limited { inner, limits: own } => exceeds_js(inner, own.and(limits)),
        Schema::List { item, .. } => exceeds_js(item, limits),
        Schema::Map { value, .. } => exceeds_js(value, limits),
        Schema::Tuple { items } => {
            let mut rest: &[&Schema] = items;
            while let [item, others @ ..] = rest {
                if exceeds_js(item, limits) {
                    return true;
                }
                rest = others;
            }
            false
        }
        _ => false,
    }
}

/// The keys of a map that are no text, if it has such.
pub(super) const fn wrong_key(schema: &'_ Schema) -> Option<&Schema> {
    match schema {
        Schema::Map { key, value } => match names_of_objects(key) {
            true => wrong_key(value),
            false => Some(key),
        },
        Schema::Optional { inner } | Schema::Timed { inner } | Schema::Limited { inner, .. } => wrong_key(inner),
        Schema::List { item, .. } => wrong_key(item),
        _ => None,
    }
}

const fn names_of_objects(key: &Schema) -> bool {
    match key {
        Schema::Text { .. } => true,
        Schema::Limited { inner, .. } => names_of_objects(inner),
        Schema::Enum { tagging: Tagging::External, variants, .. } => {
            let mut rest: &[Variant] = variants;
            while let [variant, others @ ..] = rest {
                if !matches!(variant.content, Content::Unit) {
                    return false;
                }
                rest = others;
            }
            true
        }
        _ => false,
    }
}

pub(super) const fn has_length(schema: &Schema) -> bool {
    match schema {
        Schema::Null | Schema::Bool | Schema::Integer { .. } | Schema::Float => false,
        Schema::Optional { inner } | Schema::Timed { inner } | Schema::Limited { inner, .. } => has_length(inner),
        _ => true,
    }
}

/// The range of the numbers that a limit would narrow.
pub(super) const fn integer(schema: &Schema) -> Option<(i128, u128)> {
    match schema {
        Schema::Integer { min, max } => Some((*min, *max)),
        Schema::Optional { inner } | Schema::Timed { inner } | Schema::Limited { inner, .. } => integer(inner),
        Schema::List { item, .. } => integer(item),
        Schema::Map { value, .. } => integer(value),
        Schema::Tuple { items: [first, ..] } => integer(first),
        _ => None,
    }
}

/// The form without what surrounds it, the time of a claim included.
pub(super) const fn bare_claim(schema: &Schema) -> &Schema {
    match schema {
        Schema::Limited { inner, .. } | Schema::Optional { inner } | Schema::Timed { inner } => bare_claim(inner),
        other => other,
    }
}
