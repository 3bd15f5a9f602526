//! serde's attributes, as far as they decide what stands on the wire. What serde itself refuses is left to serde.

use proc_macro2::Span;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Attribute, Lit, LitStr, Meta, Token, Type};

use super::item::{Item, Value};
use crate::case::Case;

/// What serde was told about a container, a variant or a field.
#[derive(Debug, Default)]
pub(crate) struct Serde {
    pub(crate) rename: Names,
    pub(crate) aliases: Vec<LitStr>,
    pub(crate) rename_all: Rules,
    pub(crate) rename_all_fields: Rules,
    pub(crate) tag: Option<LitStr>,
    pub(crate) content: Option<LitStr>,
    pub(crate) untagged: Option<Span>,
    pub(crate) transparent: Option<Span>,
    pub(crate) other: Option<Span>,
    pub(crate) remote: Option<Span>,
    pub(crate) default: Option<Span>,
    pub(crate) flatten: Option<Span>,
    pub(crate) skip: Option<Span>,
    pub(crate) skip_serializing: Option<Span>,
    pub(crate) skip_deserializing: Option<Span>,
    pub(crate) skip_serializing_if: Option<Span>,
    /// `with`, `serialize_with` or `deserialize_with`: the wire form is out of sight.
    pub(crate) with: Option<Span>,
    /// `into`, and `from` or `try_from`: the wire form is another type's.
    pub(crate) into: Option<Via>,
    pub(crate) from: Option<Via>,
}

/// A name given for writing and for reading; usually they are one.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub(crate) write: Option<LitStr>,
    pub(crate) read: Option<LitStr>,
}

/// A renaming rule for writing and for reading.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Rules {
    pub(crate) write: Case,
    pub(crate) read: Case,
}

/// A type that stands for another on the wire.
#[derive(Debug)]
pub(crate) struct Via {
    pub(crate) span: Span,
    pub(crate) ty: Option<Type>,
}

impl Serde {
    /// Reads every `#[serde(…)]` among the attributes.
    pub(crate) fn read(attributes: &[Attribute]) -> Self {
        let mut serde = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
            let Meta::List(list) = &attribute.meta else { continue };
            let items = Punctuated::<Item, Token![,]>::parse_terminated.parse2(list.tokens.clone());
            items.unwrap_or_default().iter().for_each(|item| serde.take(item));
        }
        serde
    }

    fn take(&mut self, item: &Item) {
        let span = Some(item.word.span());
        match item.name().as_str() {
            "rename" => self.rename.take(item),
            "alias" => self.aliases.extend(string(item)),
            "rename_all" => self.rename_all.take(item),
            "rename_all_fields" => self.rename_all_fields.take(item),
            "tag" => self.tag = string(item),
            "content" => self.content = string(item),
            "untagged" => self.untagged = span,
            "transparent" => self.transparent = span,
            "other" => self.other = span,
            "remote" => self.remote = span,
            "default" => self.default = span,
            "flatten" => self.flatten = span,
            "skip" => self.skip = span,
            "skip_serializing" => self.skip_serializing = span,
            "skip_deserializing" => self.skip_deserializing = span,
            "skip_serializing_if" => self.skip_serializing_if = span,
            "with" | "serialize_with" | "deserialize_with" => self.with = span,
            "into" => self.into = Some(Via::of(item)),
            "from" | "try_from" => self.from = Some(Via::of(item)),
            _ => {}
        }
    }

    /// Whether the field, or the variant, is never written.
    pub(crate) fn is_unwritten(&self) -> bool {
        self.skip.is_some() || self.skip_serializing.is_some()
    }

    /// Whether the field, or the variant, is neither written nor read.
    pub(crate) fn is_absent(&self) -> bool {
        self.skip.is_some() || (self.skip_serializing.is_some() && self.skip_deserializing.is_some())
    }
}

impl Names {
    fn take(&mut self, item: &Item) {
        match string(item) {
            Some(name) => (self.write, self.read) = (Some(name.clone()), Some(name)),
            None => (self.write, self.read) = pair(item),
        }
    }
}

impl Rules {
    fn take(&mut self, item: &Item) {
        let (write, read) = string(item).map_or_else(|| pair(item), |rule| (Some(rule.clone()), Some(rule)));
        let case = |rule: Option<LitStr>| rule.map(|rule| Case::parse(&rule.value())).unwrap_or_default();
        (self.write, self.read) = (case(write), case(read));
    }
}

impl Via {
    fn of(item: &Item) -> Self {
        let ty = string(item).and_then(|text| text.parse().ok());
        Self { span: item.word.span(), ty }
    }
}

fn string(item: &Item) -> Option<LitStr> {
    match &item.value {
        Value::Lit(None, Lit::Str(text)) => Some(text.clone()),
        _ => None,
    }
}

/// `(serialize = "…", deserialize = "…")`
fn pair(item: &Item) -> (Option<LitStr>, Option<LitStr>) {
    let Value::List(tokens) = &item.value else { return (None, None) };
    let items = Punctuated::<Item, Token![,]>::parse_terminated.parse2(tokens.clone()).unwrap_or_default();
    let named = |word: &str| items.iter().find(|item| item.word == word).and_then(string);
    (named("serialize"), named("deserialize"))
}
