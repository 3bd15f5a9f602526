//! The longest JSON that a schema allows, worked out by the compiler.

use super::schema::LIMITS;
use super::{Content, Field, Limits, Schema, Tagging, Variant};

/// `-1.7976931348623157e308` and its kind: sign, 17 digits, point, exponent of three digits with its sign.
const FLOAT_LEN: usize = 24;

/// The greatest whole number that every JavaScript engine keeps: 2⁵³ − 1 (ECMA-262, `Number.MAX_SAFE_INTEGER`).
pub(crate) const JS_MAX: u128 = (1 << 53) - 1;

/// The fetch time of a claim: milliseconds that JavaScript can hold, without sign.
const TIME_LEN: usize = 16;

impl Schema {
    /// The longest JSON of any value, in bytes; `None` when nothing bounds it.
    ///
    /// It is an upper bound and a tight one: text is counted after escaping, numbers in their longest form, an enum by its
    /// longest variant.
    #[must_use]
    pub const fn max_encoded_len(&self) -> Option<usize> {
        self.len_within(LIMITS)
    }

    const fn len_within(&self, limits: Limits) -> Option<usize> {
        match self {
            Self::Null => Some(4),
            Self::Bool => Some(5),
            Self::Float => Some(FLOAT_LEN),
            Self::Integer { min, max } => Some(integer_len(*min, *max, limits)),
            Self::Text { max_len } => capped(plus(*max_len, 2), limits),
            Self::Any | Self::Opaque { .. } | Self::Map { .. } => capped(None, limits),
            Self::Optional { inner } => at_least(inner.len_within(limits), 4),
            Self::Timed { inner } => plus(inner.len_within(limits), r#"{"v":,"t":}"#.len() + TIME_LEN),
            Self::List { item, len } => capped(list_len(item.len_within(limits.of_numbers()), *len), limits),
            Self::Tuple { items } => capped(tuple_len(items, limits), limits),
            Self::Object { fields, .. } => capped(object_len(members_len(fields)), limits),
            Self::Enum { tagging, variants, .. } => capped(longest(*tagging, variants), limits),
            Self::Limited { inner, limits: own } => inner.len_within(own.and(limits)),
        }
    }
}

/// The bytes that a field adds to its object, its comma included.
pub(crate) const fn member_len(field: &Field) -> Option<usize> {
    if field.flatten {
        return inner_members_len(field.schema);
    }
    plus(field.schema.max_encoded_len(), quoted_len(field.name) + 2)
}

/// The bytes of text in JSON, its quotes included: RFC 8259 section 7, with the short escapes where there are some.
pub(crate) const fn quoted_len(text: &str) -> usize {
    let mut bytes = text.as_bytes();
    let mut len = 2;
    while let [first, rest @ ..] = bytes {
        len += match first {
            b'"' | b'\\' | 0x08 | b'\t' | b'\n' | 0x0c | b'\r' => 2,
            0..0x20 => 6,
            _ => 1,
        };
        bytes = rest;
    }
    len
}

/// The sum, unless one of them is unbounded.
const fn plus(left: Option<usize>, right: usize) -> Option<usize> {
    match left {
        Some(left) => Some(left.saturating_add(right)),
        None => None,
    }
}

const fn sum(left: Option<usize>, right: Option<usize>) -> Option<usize> {
    match right {
        Some(right) => plus(left, right),
        None => None,
    }
}

const fn at_least(len: Option<usize>, least: usize) -> Option<usize> {
    match len {
        Some(len) if len < least => Some(least),
        other => other,
    }
}

/// `max_len` counts what stands between the delimiters, so two bytes come on top.
const fn capped(len: Option<usize>, limits: Limits) -> Option<usize> {
    match (len, limits.max_len) {
        (Some(len), Some(most)) if len <= most.saturating_add(2) => Some(len),
        (_, Some(most)) => Some(most.saturating_add(2)),
        (len, None) => len,
    }
}

const fn integer_len(min: i128, max: u128, limits: Limits) -> usize {
    let min = match limits.min {
        Some(least) if least > min => least,
        _ => min,
    };
    let max = match limits.max {
        Some(most) if most < 0 => 0,
        Some(most) if most.unsigned_abs() < max => most.unsigned_abs(),
        _ => max,
    };
    let negative = if min < 0 { digits(min.unsigned_abs()) + 1 } else { 0 };
    let positive = digits(max);
    if negative > positive { negative } else { positive }
}

const fn digits(number: u128) -> usize {
    if number < 10 { 1 } else { 1 + digits(number / 10) }
}

const fn list_len(item: Option<usize>, len: Option<usize>) -> Option<usize> {
    match (item, len) {
        (_, Some(0)) => Some(2),
        (Some(item), Some(len)) => Some(item.saturating_add(1).saturating_mul(len).saturating_add(1)),
        _ => None,
    }
}

const fn tuple_len(items: &[&Schema], limits: Limits) -> Option<usize> {
    let mut rest = items;
    let mut len = Some(0);
    while let [first, others @ ..] = rest {
        len = plus(sum(len, first.len_within(limits.of_numbers())), 1);
        rest = others;
    }
    object_len(len)
}

/// Each member with its comma.
const fn members_len(fields: &[Field]) -> Option<usize> {
    let mut rest = fields;
    let mut len = Some(0);
    while let [first, others @ ..] = rest {
        len = sum(len, member_len(first));
        rest = others;
    }
    len
}

/// The delimiters on top; the last member has no comma.
const fn object_len(members: Option<usize>) -> Option<usize> {
    match members {
        Some(0) => Some(2),
        members => plus(members, 1),
    }
}

/// The members of an object that loses its braces to `flatten` or to a tag.
const fn inner_members_len(schema: &Schema) -> Option<usize> {
    let schema = match schema {
        Schema::Optional { inner } => inner,
        other => other,
    };
    match schema.max_encoded_len() {
        Some(len) if len <= 2 => Some(0),
        Some(len) => Some(len - 1),
        None => None,
    }
}

const fn longest(tagging: Tagging, variants: &[Variant]) -> Option<usize> {
    let mut rest = variants;
    let mut len = Some(0);
    while let [first, others @ ..] = rest {
        len = match (len, variant_len(tagging, first)) {
            (Some(longest), Some(this)) if this > longest => Some(this),
            (Some(longest), Some(_)) => Some(longest),
            _ => None,
        };
        rest = others;
    }
    len
}

const fn variant_len(tagging: Tagging, variant: &Variant) -> Option<usize> {
    let name = quoted_len(variant.name);
    match tagging {
        _ if variant.untagged => content_len(variant.content),
        Tagging::Untagged => content_len(variant.content),
        Tagging::External => match variant.content {
            Content::Unit => Some(name),
            content => plus(content_len(content), name + 3),
        },
        Tagging::Internal { tag } => {
            let tag = quoted_len(tag) + 1 + name + 1;
            object_len(plus(content_members_len(variant.content), tag))
        }
        Tagging::Adjacent { tag, content } => {
            let tagged = quoted_len(tag) + 1 + name + 2;
            match variant.content {
                Content::Unit => Some(tagged),
                value => plus(content_len(value), tagged + quoted_len(content) + 2),
            }
        }
    }
}

const fn content_len(content: Content) -> Option<usize> {
    match content {
        Content::Unit => Some(4),
        Content::Newtype { value } => value.max_encoded_len(),
        Content::Tuple { items } => tuple_len(items, LIMITS),
        Content::Fields { fields } => object_len(members_len(fields)),
    }
}

const fn content_members_len(content: Content) -> Option<usize> {
    match content {
        Content::Unit => Some(0),
        Content::Newtype { value } => inner_members_len(value),
        Content::Tuple { items } => tuple_len(items, LIMITS),
        Content::Fields { fields } => members_len(fields),
    }
}
