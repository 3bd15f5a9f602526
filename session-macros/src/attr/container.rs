//! `#[access_token(…)]`, `#[session_data(…)]`, and `#[claim(…)]` on a type.

use proc_macro2::Span;
use syn::{Attribute, Ident, LitInt, LitStr, Path, Type};

use super::item::{Bound, Item};
use crate::errors::Errors;
use crate::role::Role;

/// What the user said about the type as a whole.
#[derive(Debug, Default)]
pub(crate) struct Container {
    pub(crate) krate: Option<Path>,
    pub(crate) kind: Option<LitStr>,
    pub(crate) version: Option<LitInt>,
    pub(crate) from: Option<Word<Type>>,
    pub(crate) compatible_with: Option<Word<Type>>,
    pub(crate) max_bytes: Option<Bound>,
    pub(crate) header_only: Option<Span>,
    pub(crate) unreadable: Option<Ident>,
    /// What else the companions of a split struct derive.
    pub(crate) companions: Vec<Path>,
}

/// A value together with the word that introduced it.
#[derive(Debug)]
pub(crate) struct Word<T> {
    pub(crate) word: Ident,
    pub(crate) value: T,
}

const PAYLOAD_WORDS: &[&str] =
    &["kind", "version", "from", "compatible_with", "max_bytes", "header_only", "unreadable", "crate"];
pub(super) const DATA_WORDS: &[&str] = &["kind", "version", "from", "compatible_with", "unreadable", "crate"];
const VALUE_WORDS: &[&str] = &["crate"];

impl Container {
    /// Reads the attribute that belongs to the derive at work.
    pub(crate) fn read(role: Role, attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut container = Self::default();
        let name = role.container_attribute();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident(name)) {
            for item in Item::read(attribute, errors) {
                container.take(role, &item, errors);
            }
        }
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("session")) {
            for item in Item::read(attribute, errors) {
                container.take_session(&item, errors);
            }
        }
        container
    }

    /// `#[session(derive(Clone, Debug))]`
    fn take_session(&mut self, item: &Item, errors: &mut Errors) {
        if item.name() != "derive" {
            return item.unknown("session", &["derive"], errors);
        }
        self.companions.extend(item.paths("derive(Clone, Debug)", errors));
    }

    fn take(&mut self, role: Role, item: &Item, errors: &mut Errors) {
        let words = match role {
            Role::Payload => PAYLOAD_WORDS,
            Role::Data => DATA_WORDS,
            Role::Value => VALUE_WORDS,
        };
        let word = item.name();
        if !words.contains(&word.as_str()) {
            return self.misplaced(role, item, words, errors);
        }
        match word.as_str() {
            "crate" if !item.repeated(&self.krate, errors) => self.krate = item.path(errors),
            "kind" if !item.repeated(&self.kind, errors) => self.kind = item.string(errors),
            "version" if !item.repeated(&self.version, errors) => self.version = version(item, errors),
            "from" if !item.repeated(&self.from, errors) => {
                self.from = Word::of(item, "from(OldType)", errors);
            }
            "compatible_with" if !item.repeated(&self.compatible_with, errors) => {
                self.compatible_with = Word::of(item, "compatible_with = OldType", errors);
            }
            "max_bytes" if !item.repeated(&self.max_bytes, errors) => self.max_bytes = item.number(errors),
            "header_only" if !item.repeated(&self.header_only, errors) => {
                self.header_only = item.flag(errors).map(|()| item.word.span());
            }
            "unreadable" if !item.repeated(&self.unreadable, errors) => self.unreadable = item.ident(errors),
            _ => {}
        }
    }

    /// A word of a field, or of the other derive, gets its own message.
    fn misplaced(&self, role: Role, item: &Item, words: &[&str], errors: &mut Errors) {
        let word = item.name();
        if super::claim::FIELD_WORDS.contains(&word.as_str()) {
            return errors.at(&item.word, format!("`{word}` belongs on a field, in `#[claim(…)]`"));
        }
        if role == Role::Data && super::merge::FIELD_WORDS.contains(&word.as_str()) {
            return errors.at(&item.word, format!("`{word}` belongs on a field: each has a rule of its own"));
        }
        if role == Role::Data && PAYLOAD_WORDS.contains(&word.as_str()) {
            let message = format!("`{word}` is for access token payloads; session data stays in the store");
            return errors.at(&item.word, message);
        }
        item.unknown(role.container_attribute(), words, errors);
    }
}

impl Word<Type> {
    fn of(item: &Item, example: &str, errors: &mut Errors) -> Option<Self> {
        item.ty(example, errors).map(|value| Self { word: item.word.clone(), value })
    }
}

/// A version is written out, not a constant, because it is compared while the macro runs.
fn version(item: &Item, errors: &mut Errors) -> Option<LitInt> {
    match item.number(errors)? {
        Bound::Literal(None, literal) => Some(literal),
        _ => {
            errors.at(&item.word, "`version` wants a number that is written out: `version = 2`");
            None
        }
    }
}
