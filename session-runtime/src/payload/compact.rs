//! A reader of JSON as we write it: no space between the tokens, no escape in a name. It drives the same `Deserialize` as
//! `serde_json`, with the same calls but one: a struct that is there as it was written is made of its values in order, as from an array.
//! It is what makes reading a payload cheap.
//!
//! It decides nothing: whatever it does not know, or the type does not take, is read again by `serde_json`, whose word counts.

use std::slice;

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::length::quoted_len;
use super::{Field, Schema};
use crate::scan;

/// Deeper than any payload that a person declares, and well within the depth that `serde_json` takes.
const DEEPEST: u8 = 32;

/// The members of an object that stand behind others in a token: its closing brace, or a comma, members and the brace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Members<'a>(&'a str);

impl<'a> Members<'a> {
    pub(crate) fn new(rest: &'a str) -> Option<Self> {
        let is_right = rest == "}" || (rest.starts_with(',') && rest.ends_with('}') && rest.len() > 2);
        is_right.then_some(Self(rest))
    }

    /// They as an object of their own.
    pub(crate) fn to_object(self) -> String {
        let fields = self.0.strip_prefix(',').unwrap_or(self.0);
        ["{", fields].concat()
    }

    #[cfg(any(test, feature = "testing"))]
    pub(super) fn read<T: DeserializeOwned>(self, members: &'static [Field]) -> Option<T> {
        whole(self.0, true, members)
    }
}

/// The value, if the text is one that this reader knows. `members` are those of the type, where it [has an order](in_order).
pub(super) fn read<T: DeserializeOwned>(json: &str, members: &'static [Field]) -> Option<T> {
    whole(json, false, members)
}

/// The members of a struct that is written with all that its schema has, in order, under names that JSON spells as they are; of any other
/// type none.
pub(super) const fn in_order(schema: &'static Schema) -> &'static [Field] {
    let Schema::Object { fields, .. } = schema else { return &[] };
    let mut left = *fields;
    while let [Field { name, aliases, may_be_unwritten, flatten, .. }, others @ ..] = left {
        if *may_be_unwritten || *flatten || !aliases.is_empty() || quoted_len(name) != name.len() + 2 {
            return &[];
        }
        left = others;
    }
    fields
}

fn whole<T: DeserializeOwned>(text: &str, is_open: bool, members: &'static [Field]) -> Option<T> {
    let read = |members| {
        let mut reader = Compact { text, at: 0, depth: 0, is_open, members };
        let value = T::deserialize(&mut reader).ok()?;
        (reader.at == text.len()).then_some(value)
    };
    let has_order = !members.is_empty();
    // Another version of the type may have written it in another order.
    has_order.then(|| read(members)).flatten().or_else(|| read(&[]))
}

/// The text is not for this reader.
#[derive(Debug)]
struct Unknown;

impl std::fmt::Display for Unknown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not compact")
    }
}

impl std::error::Error for Unknown {}

impl Error for Unknown {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self
    }

    fn invalid_type(_: serde::de::Unexpected<'_>, _: &dyn serde::de::Expected) -> Self {
        Self
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn missing_field(_: &'static str) -> Self {
        Self
    }
}

struct Compact<'de> {
    text: &'de str,
    at: usize,
    depth: u8,
    /// The text begins within an object: with the comma before its first member, or with its end.
    is_open: bool,
    /// What the whole is taken to have, in order; nothing where its members may come as they like.
    members: &'static [Field],
}

/// A number, in the three ways in which `serde_json` hands it on.
enum Number {
    Positive(u64),
    Negative(i64),
    Float(f64),
}

impl<'de> Compact<'de> {
    fn rest(&self) -> &'de [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> Result<(), Unknown> {
        if self.peek() != Some(byte) {
            return Err(Unknown);
        }
        self.at += 1;
        Ok(())
    }

    fn takes(&mut self, word: &str) -> bool {
        let found = self.rest().starts_with(word.as_bytes());
        if found {
            self.at += word.len();
        }
        found
    }

    /// Takes exactly this name of a member, which JSON spells as it is.
    fn take_name(&mut self, name: &str) -> Result<(), Unknown> {
        match self.rest().get(..name.len() + 3) {
            Some([b'"', spelt @ .., b'"', b':']) if spelt == name.as_bytes() => {
                self.at += name.len() + 3;
                Ok(())
            }
            _ => Err(Unknown),
        }
    }

    /// The characters of a string without escapes.
    fn string(&mut self) -> Result<&'de str, Unknown> {
        let Some((b'"', inner)) = self.rest().split_first() else { return Err(Unknown) };
        let len = scan::plain_len(inner).filter(|len| inner.get(*len) == Some(&b'"')).ok_or(Unknown)?;
        let start = self.at + 1;
        let string = self.text.get(start..start + len).ok_or(Unknown)?;
        self.at = start + len + 1;
        Ok(string)
    }

    fn number(&mut self) -> Result<Number, Unknown> {
        let rest = self.rest();
        let digits = rest.strip_prefix(b"-").unwrap_or(rest);
        let is_negative = digits.len() < rest.len();
        let goes_on = |len| matches!(digits.get(len), Some(b'.' | b'e' | b'E'));
        let (number, len) = match scan::integer(digits) {
            Some((number, len)) if !goes_on(len) && !is_negative => (Number::Positive(number), len),
            // `-0` is a float.
            Some((number @ 1.., len)) if !goes_on(len) => (Number::Negative(negated(number)?), len + 1),
            _ => self.float()?,
        };
        self.at += len;
        Ok(number)
    }

    /// A float is for `serde_json` to read.
    fn float(&self) -> Result<(Number, usize), Unknown> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let end = rest.bytes().position(|byte| !matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'));
        let float = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        Ok((Number::Float(serde_json::from_str(float).map_err(|_| Unknown)?), float.len()))
    }

    /// What stands between brackets or braces.
    fn within<T>(&mut self, ends: [u8; 2], read: impl FnOnce(&mut Self) -> Result<T, Unknown>) -> Result<T, Unknown> {
        let [open, close] = ends;
        if std::mem::take(&mut self.is_open) {
            // What is to be read is an object, whose brace stands further up.
            self.takes(",");
            if open != b'{' {
                return Err(Unknown);
            }
        } else {
            self.take(open)?;
        }
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Unknown);
        }
        let value = read(self)?;
        self.depth -= 1;
        self.take(close)?;
        Ok(value)
    }
}

fn negated(number: u64) -> Result<i64, Unknown> {
    0_i64.checked_sub_unsigned(number).ok_or(Unknown)
}

/// A number is read alike whatever is wanted, and the type decides what fits.
macro_rules! numbers {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unknown> {
            self.deserialize_i64(visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for &mut Compact<'de> {
    type Error = Unknown;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unknown> {
        match self.peek() {
            Some(b'"') => self.deserialize_str(visitor),
            Some(b'{') => self.deserialize_map(visitor),
            Some(b'[') => self.deserialize_seq(visitor),
            Some(b't' | b'f') => self.deserialize_bool(visitor),
            Some(b'n') => self.deserialize_unit(visitor),
            Some(b'0'..=b'9' | b'-') => self.deserialize_i64(visitor),
            _ => Err(Unknown),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unknown> {
        if self.takes("true") {
            visitor.visit_bool(true)
        } else if self.takes("false") {
            visitor.visit_bool(false)
        } else {
            Err(Unknown)
        }
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unknown> {
        match self.number()? {
            Number::Positive(number) => visitor.visit_u64(number),
            Number::Negative(number) => visitor.visit_i64(number),
            Number::Float(number) => visitor.visit_f64(number),
        }
    }

    numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_f64
    }

    // `serde_json` reads it with another precision.
    fn deserialize_f32<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Unknown> {
        Err(Unknown)
    }

    fn deserialize_i128<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Unknown> {
        Err(Unknown)
    }

    fn deserialize_u128<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Unknown> {
        Err(Unknown)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unknown> {
        visitor.visit_borrowed_str(self.string()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unknown> {
        self.deserialize_str(visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unknown> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unknown> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Unknown> {
        Err(Unknown)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Unknown> {
        Err(Unknown)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unknown> {
        if self.takes("null") { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unknown> {
        if self.takes("null") { visitor.visit_unit() } else { Err(Unknown) }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Unknown> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Unknown> {
        // How `RawValue` asks for its text.
        if name.starts_with('$') { Err(Unknown) } else { visitor.visit_newtype_struct(self) }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unknown> {
        self.within(*b"[]", |reader| visitor.visit_seq(Elements { reader, is_first: true, close: b']' }))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Unknown> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Unknown> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unknown> {
        self.within(*b"{}", |reader| visitor.visit_map(Elements { reader, is_first: true, close: b'}' }))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unknown> {
        let members = self.members;
        // The schema and serde's names are of the same fields, in one order, unless some are read and never written: then there are more names.
        if members.is_empty() || members.len() != names.len() || self.depth > 0 {
            return self.deserialize_map(visitor);
        }
        self.within(*b"{}", |reader| InOrder { reader, is_first: true, names: names.iter() }.visit(visitor))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unknown> {
        match self.peek() {
            Some(b'"') => visitor.visit_enum(UnitVariant(self)),
            _ => self.within(*b"{}", |reader| visitor.visit_enum(Variant(reader))),
        }
    }

    // Fields that nobody knows are rare in what we wrote.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Unknown> {
        Err(Unknown)
    }
}

/// What stands in an array or object, with commas between.
struct Elements<'a, 'de> {
    reader: &'a mut Compact<'de>,
    is_first: bool,
    close: u8,
}

impl Elements<'_, '_> {
    /// Whether there is another one; then what comes next is it.
    fn advance(&mut self) -> Result<bool, Unknown> {
        if self.reader.peek() == Some(self.close) {
            return Ok(false);
        }
        if !std::mem::take(&mut self.is_first) {
            self.reader.take(b',')?;
        }
        Ok(true)
    }
}

impl<'de> SeqAccess<'de> for Elements<'_, 'de> {
    type Error = Unknown;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Unknown> {
        if self.advance()? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }
}

impl<'de> MapAccess<'de> for Elements<'_, 'de> {
    type Error = Unknown;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Unknown> {
        if !self.advance()? {
            return Ok(None);
        }
        let name = Name(self.reader.string()?);
        self.reader.take(b':')?;
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Unknown> {
        seed.deserialize(&mut *self.reader)
    }
}

/// The values of a struct's members in the order in which they are written, which is the order in which the struct has them. It can be made
/// of them alone, as it is from an array, and is spared to look each name up.
struct InOrder<'a, 'de> {
    reader: &'a mut Compact<'de>,
    is_first: bool,
    names: slice::Iter<'static, &'static str>,
}

impl<'de> InOrder<'_, 'de> {
    fn visit<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Unknown> {
        let value = visitor.visit_seq(&mut self)?;
        // Whoever wants fewer than there are is no struct of these members.
        if self.names.len() == 0 { Ok(value) } else { Err(Unknown) }
    }
}

impl<'de> SeqAccess<'de> for &mut InOrder<'_, 'de> {
    type Error = Unknown;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Unknown> {
        let name = self.names.next().ok_or(Unknown)?;
        if !std::mem::take(&mut self.is_first) {
            self.reader.take(b',')?;
        }
        self.reader.take_name(name)?;
        seed.deserialize(&mut *self.reader).map(Some)
    }
}

macro_rules! not_a_name {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Unknown> {
            Err(Unknown)
        }
    )*};
}

/// The name of a member: a string. Numbers and flags as names are `serde_json`'s.
struct Name<'de>(&'de str);

impl<'de> Deserializer<'de> for Name<'de> {
    type Error = Unknown;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unknown> {
        visitor.visit_borrowed_str(self.0)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Unknown> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unknown> {
        visitor.visit_some(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Unknown> {
        Err(Unknown)
    }

    forward_to_deserialize_any! {
        char str string unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }

    not_a_name! {
        deserialize_bool deserialize_bytes deserialize_byte_buf deserialize_f32 deserialize_f64
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
    }
}

/// `"Name"`.
struct UnitVariant<'a, 'de>(&'a mut Compact<'de>);

impl<'de> EnumAccess<'de> for UnitVariant<'_, 'de> {
    type Error = Unknown;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Unknown> {
        Ok((seed.deserialize(&mut *self.0)?, self))
    }
}

impl<'de> VariantAccess<'de> for UnitVariant<'_, 'de> {
    type Error = Unknown;

    fn unit_variant(self) -> Result<(), Unknown> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, Unknown> {
        Err(Unknown)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Unknown> {
        Err(Unknown)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Unknown> {
        Err(Unknown)
    }
}

/// `"Name":…`, within braces.
struct Variant<'a, 'de>(&'a mut Compact<'de>);

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = Unknown;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Unknown> {
        let name = seed.deserialize(&mut *self.0)?;
        self.0.take(b':')?;
        Ok((name, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = Unknown;

    fn unit_variant(self) -> Result<(), Unknown> {
        Err(Unknown)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Unknown> {
        seed.deserialize(self.0)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Unknown> {
        self.0.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Unknown> {
        self.0.deserialize_map(visitor)
    }
}
