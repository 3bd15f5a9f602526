//! The JSON form of a type, as a constant.

use std::marker::PhantomData;

use super::{AccessTokenPayload, ClaimValue};

/// The JSON form of a type: what the compiler knows about it before any value exists.
///
/// Derives write it; by hand it is needed for a [`ClaimValue`] of one's own only.
///
/// ```
/// use session_runtime::payload::Schema;
///
/// const CODE: Schema = Schema::Text { max_len: Some(8) };
/// assert_eq!(CODE.max_encoded_len(), Some(10), "eight bytes and two quotes");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Schema {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A whole number in a range, both ends included.
    Integer {
        /// The least.
        min: i128,
        /// The greatest.
        max: u128,
    },
    /// A number with a fraction.
    Float,
    /// A string.
    Text {
        /// The most bytes between the quotes, after escaping; `None` when nothing bounds them.
        max_len: Option<usize>,
    },
    /// Anything at all, such as `serde_json::Value`.
    Any,
    /// A stored type that is no [`ClaimValue`]: only its name is known.
    Opaque {
        /// The type as its field writes it.
        name: &'static str,
    },
    /// A value or `null`.
    Optional {
        /// The value.
        inner: &'static Self,
    },
    /// An array of equal elements.
    List {
        /// Each element.
        item: &'static Self,
        /// Their number, where the type fixes it.
        len: Option<usize>,
    },
    /// An array of given elements.
    Tuple {
        /// The elements in order.
        items: &'static [&'static Self],
    },
    /// An object with free names.
    Map {
        /// The names: text, or an enum of unit variants.
        key: &'static Self,
        /// Each value.
        value: &'static Self,
    },
    /// An object with the names of a struct's fields.
    Object {
        /// The Rust type.
        name: &'static str,
        /// The fields in order.
        fields: &'static [Field],
    },
    /// One of several forms.
    Enum {
        /// The Rust type.
        name: &'static str,
        /// How the forms are told apart.
        tagging: Tagging,
        /// The forms in order.
        variants: &'static [Variant],
    },
    /// A [`Claim`](crate::Claim): `{"v":…,"t":…}`.
    Timed {
        /// The value.
        inner: &'static Self,
    },
    /// A form narrowed by `#[claim(…)]`.
    Limited {
        /// The form.
        inner: &'static Self,
        /// What narrows it.
        limits: Limits,
    },
}

/// One field of a [`Schema::Object`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// The name as serde writes it.
    pub name: &'static str,
    /// Further names that serde reads.
    pub aliases: &'static [&'static str],
    /// The value.
    pub schema: &'static Schema,
    /// Whether reading copes with its absence.
    pub may_be_absent: bool,
    /// Whether writing may leave it out.
    pub may_be_unwritten: bool,
    /// Whether the value's own fields stand in its place.
    pub flatten: bool,
}

/// One variant of a [`Schema::Enum`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variant {
    /// The name as serde writes it.
    pub name: &'static str,
    /// Further names that serde reads.
    pub aliases: &'static [&'static str],
    /// What the variant holds.
    pub content: Content,
    /// Whether it is written without its name, whatever the others do.
    pub untagged: bool,
}

/// What a variant holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Content {
    /// Nothing.
    Unit,
    /// One value.
    Newtype {
        /// The value.
        value: &'static Schema,
    },
    /// Several values without names.
    Tuple {
        /// The values in order.
        items: &'static [&'static Schema],
    },
    /// Several values with names.
    Fields {
        /// The fields in order.
        fields: &'static [Field],
    },
}

/// How serde tells the variants of an enum apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tagging {
    /// `"Unit"` or `{"Name":…}`
    External,
    /// `{"tag":"Name",…}`
    Internal {
        /// The tag's name.
        tag: &'static str,
    },
    /// `{"tag":"Name","content":…}`
    Adjacent {
        /// The tag's name.
        tag: &'static str,
        /// The content's name.
        content: &'static str,
    },
    /// The content alone.
    Untagged,
}

/// What `#[claim(…)]` on a field asks of its value, `None` for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes of JSON between the outer quotes, brackets or braces.
    pub max_len: Option<usize>,
    /// The least number.
    pub min: Option<i128>,
    /// The greatest number.
    pub max: Option<i128>,
}

/// A field that says nothing special; generated code spells out the rest.
pub const FIELD: Field = Field {
    name: "",
    aliases: &[],
    schema: &Schema::Null,
    may_be_absent: false,
    may_be_unwritten: false,
    flatten: false,
};

/// A variant that says nothing special.
pub const VARIANT: Variant = Variant { name: "", aliases: &[], content: Content::Unit, untagged: false };

/// No limits.
pub const LIMITS: Limits = Limits { max_len: None, min: None, max: None };

/// Asks whether a stored type has a schema, without demanding it: the inherent constant wins where it exists.
#[derive(Debug)]
pub struct Probe<T: ?Sized>(PhantomData<T>);

impl<T: ClaimValue> Probe<T> {
    /// The type's schema.
    pub const SCHEMA: Option<&'static Schema> = Some(T::SCHEMA);
}

impl<T: AccessTokenPayload> Probe<T> {
    /// The type is a payload.
    pub const IS_PAYLOAD: bool = true;
}

/// The other answers to [`Probe`].
pub trait NoSchema {
    /// None.
    const SCHEMA: Option<&'static Schema> = None;

    /// It is no payload.
    const IS_PAYLOAD: bool = false;
}

impl<T: ?Sized> NoSchema for Probe<T> {}

/// The schema, or what stands for it.
#[must_use]
pub const fn known_or(known: Option<&'static Schema>, otherwise: &'static Schema) -> &'static Schema {
    match known {
        Some(schema) => schema,
        None => otherwise,
    }
}

/// The longest JSON of a schema, where there is one.
#[must_use]
pub const fn longest(schema: Option<&'static Schema>) -> Option<usize> {
    match schema {
        Some(schema) => schema.max_encoded_len(),
        None => None,
    }
}

impl Limits {
    /// Both limits at once: the narrower of each.
    pub(crate) const fn and(self, other: Self) -> Self {
        Self {
            max_len: match (self.max_len, other.max_len) {
                (Some(left), Some(right)) if left < right => Some(left),
                (Some(left), None) => Some(left),
                (_, right) => right,
            },
            min: match (self.min, other.min) {
                (Some(left), Some(right)) if left > right => Some(left),
                (Some(left), None) => Some(left),
                (_, right) => right,
            },
            max: match (self.max, other.max) {
                (Some(left), Some(right)) if left < right => Some(left),
                (Some(left), None) => Some(left),
                (_, right) => right,
            },
        }
    }

    /// The limits that pass on to the elements of a list: those of numbers.
    pub(crate) const fn of_numbers(self) -> Self {
        Self { max_len: None, ..self }
    }
}
