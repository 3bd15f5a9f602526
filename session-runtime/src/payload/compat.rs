//! Whether a type can read the JSON that an older one wrote.

use super::message::{Message, contains, same};
use super::{Content, Field, Schema, Tagging, Variant};

/// The first thing that an older type wrote and the newer one cannot read.
#[derive(Clone, Copy)]
pub(super) enum Change {
    /// The newer type wants a field that the older never wrote.
    Added(&'static str),
    /// The older type wrote a field that the newer drops.
    Removed(&'static str),
    /// A field or a value has another form.
    Retyped(&'static str),
    /// The older type wrote a variant that the newer does not know.
    VariantRemoved(&'static str),
}

impl Change {
    /// Ends the build with the reason.
    #[track_caller]
    pub(super) const fn refuse(self) -> ! {
        match self {
            Self::Added(name) => Message::new("the older type did not write ")
                .name(name)
                .text(", so what it stored cannot be read: add `#[serde(default)]`, or a new `version` with `from(…)`"),
            Self::Removed(name) => Message::new("the older type wrote ")
                .name(name)
                .text(", and it would be lost: keep the field, add `#[serde(alias = …)]` to the one it became, or a new `version` with `from(…)`"),
            Self::Retyped(name) => {
                Message::new("the older type wrote ").name(name).text(" in another form: add a new `version` with `from(…)`")
            }
            Self::VariantRemoved(name) => Message::new("the older type wrote the variant ")
                .name(name)
                .text(", which is not known any more: keep it, or add `#[serde(alias = …)]` to the one it became"),
        }
        .refuse()
    }
}

/// The first reason why `new` cannot read everything that `old` wrote; `name` is the field they belong to.
pub(super) const fn change(old: &'static Schema, new: &'static Schema, name: &'static str) -> Option<Change> {
    let retyped = Some(Change::Retyped(name));
    match (old, new) {
        // Limits are kept when writing and not asked when reading.
        (Schema::Limited { inner, .. }, new) => change(inner, new, name),
        (old, Schema::Limited { inner, .. }) => change(old, inner, name),
        (_, Schema::Any)
        | (Schema::Null, Schema::Null | Schema::Optional { .. })
        | (Schema::Bool, Schema::Bool)
        | (Schema::Text { .. }, Schema::Text { .. })
        | (Schema::Integer { .. } | Schema::Float, Schema::Float) => None,
        (Schema::Integer { min, max }, Schema::Integer { min: least, max: most }) => {
            if *least <= *min && *max <= *most { None } else { retyped }
        }
        (Schema::Opaque { name: old }, Schema::Opaque { name: new }) => {
            if same(old, new) {
                None
            } else {
                retyped
            }
        }
        (Schema::Optional { inner: old }, Schema::Optional { inner: new })
        | (Schema::Timed { inner: old }, Schema::Timed { inner: new }) => change(old, new, name),
        (old, Schema::Optional { inner: new }) => change(old, new, name),
        (Schema::List { item: old, len }, Schema::List { item: new, len: wanted }) => match (len, wanted) {
            (_, None) => change(old, new, name),
            (Some(len), Some(wanted)) if *len == *wanted => change(old, new, name),
            _ => retyped,
        },
        (Schema::Map { key: old_key, value: old }, Schema::Map { key, value: new }) => match change(old_key, key, name)
        {
            None => change(old, new, name),
            found => found,
        },
        (Schema::Tuple { items: old }, Schema::Tuple { items: new }) => items(old, new, name),
        (Schema::Object { fields: old, .. }, Schema::Object { fields: new, .. }) => fields(old, new),
        (
            Schema::Enum { tagging: old_tagging, variants: old, .. },
            Schema::Enum { tagging: new_tagging, variants: new, .. },
        ) => {
            if same_tagging(*old_tagging, *new_tagging) {
                variants(old, new, name)
            } else {
                retyped
            }
        }
        _ => retyped,
    }
}

const fn items(old: &'static [&'static Schema], new: &'static [&'static Schema], name: &'static str) -> Option<Change> {
    match (old, new) {
        ([], []) => None,
        ([first, others @ ..], [second, remaining @ ..]) => match change(first, second, name) {
            None => items(others, remaining, name),
            found => found,
        },
        _ => Some(Change::Retyped(name)),
    }
}

/// Every older field must be read by a newer one, and every newer field that is needed must have been written.
const fn fields(old: &'static [Field], new: &'static [Field]) -> Option<Change> {
    let mut rest = old;
    while let [field, others @ ..] = rest {
        let found = match reader(new, field) {
            Some(reader) if field.may_be_unwritten && !reader.may_be_absent => Some(Change::Added(reader.name)),
            Some(reader) => change(field.schema, reader.schema, field.name),
            None => Some(Change::Removed(field.name)),
        };
        if found.is_some() {
            return found;
        }
        rest = others;
    }
    added(old, new)
}

const fn added(old: &'static [Field], new: &'static [Field]) -> Option<Change> {
    let mut rest = new;
    while let [field, others @ ..] = rest {
        if !field.may_be_absent && !field.flatten && !is_written(old, field) {
            return Some(Change::Added(field.name));
        }
        rest = others;
    }
    None
}

/// The newer field that reads what the older wrote. Flattened fields pair up by their order.
const fn reader(new: &'static [Field], old: &Field) -> Option<&'static Field> {
    match new {
        [field, ..] if field.flatten == old.flatten && reads(field, old.name) => Some(field),
        [_, rest @ ..] => reader(rest, old),
        [] => None,
    }
}

const fn is_written(old: &[Field], new: &Field) -> bool {
    match old {
        [field, ..] if field.flatten == new.flatten && reads(new, field.name) => true,
        [_, rest @ ..] => is_written(rest, new),
        [] => false,
    }
}

const fn reads(field: &Field, name: &str) -> bool {
    same(field.name, name) || contains(field.aliases, name)
}

const fn variants(old: &'static [Variant], new: &'static [Variant], name: &'static str) -> Option<Change> {
    let mut rest = old;
    while let [variant, others @ ..] = rest {
        let found = match variant_reader(new, variant.name) {
            Some(reader) => contents(variant.content, reader.content, variant.name),
            None => Some(Change::VariantRemoved(variant.name)),
        };
        if found.is_some() {
            return found;
        }
        rest = others;
    }
    let _ = name;
    None
}

const fn variant_reader(new: &'static [Variant], name: &str) -> Option<&'static Variant> {
    match new {
        [variant, ..] if same(variant.name, name) || contains(variant.aliases, name) => Some(variant),
        [_, rest @ ..] => variant_reader(rest, name),
        [] => None,
    }
}

const fn contents(old: Content, new: Content, name: &'static str) -> Option<Change> {
    match (old, new) {
        (Content::Unit, Content::Unit) => None,
        (Content::Newtype { value: old }, Content::Newtype { value: new }) => change(old, new, name),
        (Content::Tuple { items: old }, Content::Tuple { items: new }) => items(old, new, name),
        (Content::Fields { fields: old }, Content::Fields { fields: new }) => fields(old, new),
        _ => Some(Change::Retyped(name)),
    }
}

const fn same_tagging(old: Tagging, new: Tagging) -> bool {
    match (old, new) {
        (Tagging::External, Tagging::External) | (Tagging::Untagged, Tagging::Untagged) => true,
        (Tagging::Internal { tag: old }, Tagging::Internal { tag: new }) => same(old, new),
        (Tagging::Adjacent { tag, content }, Tagging::Adjacent { tag: new_tag, content: new_content }) => {
            same(tag, new_tag) && same(content, new_content)
        }
        _ => false,
    }
}
