//! `#[claim(…)]` and `#[session(…)]` on a field.

use proc_macro2::Span;
use syn::{Attribute, Ident, LitStr};

use super::item::{Bound, Item};
use crate::errors::Errors;

/// What the user said about a field of a payload or of a claim value.
#[derive(Debug, Default)]
pub(crate) struct Claim {
    pub(crate) max_len: Option<Bound>,
    pub(crate) min: Option<Bound>,
    pub(crate) max: Option<Bound>,
    pub(crate) public: Option<LitStr>,
    pub(crate) lossy_in_js: Option<LitStr>,
    pub(crate) key: Option<Ident>,
}

/// On which side of a split struct a field lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Half {
    /// In the access token.
    Token,
    /// In the session data.
    Data,
}

/// `#[session(token)]` or `#[session(data)]` on a field.
#[derive(Debug)]
pub(crate) struct Mark {
    pub(crate) half: Half,
    pub(crate) span: Span,
}

pub(super) const FIELD_WORDS: &[&str] = &["max_len", "min", "max", "public", "lossy_in_js", "key"];
const MARKS: &[&str] = &["token", "data"];

impl Claim {
    /// Reads every `#[claim(…)]` of a field.
    pub(crate) fn read(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut claim = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("claim")) {
            for item in Item::read(attribute, errors) {
                claim.take(&item, errors);
            }
        }
        claim
    }

    fn take(&mut self, item: &Item, errors: &mut Errors) {
        match item.name().as_str() {
            "max_len" if !item.repeated(&self.max_len, errors) => self.max_len = item.number(errors),
            "min" if !item.repeated(&self.min, errors) => self.min = item.number(errors),
            "max" if !item.repeated(&self.max, errors) => self.max = item.number(errors),
            "public" if !item.repeated(&self.public, errors) => self.public = item.reason(errors),
            "lossy_in_js" if !item.repeated(&self.lossy_in_js, errors) => self.lossy_in_js = item.reason(errors),
            "key" if !item.repeated(&self.key, errors) => self.key = item.ident(errors),
            word if FIELD_WORDS.contains(&word) => {}
            _ => item.unknown("claim", FIELD_WORDS, errors),
        }
    }

    /// Whether the field narrows what its type may hold.
    pub(crate) fn narrows(&self) -> bool {
        self.max_len.is_some() || self.min.is_some() || self.max.is_some()
    }
}

impl Mark {
    /// Reads every `#[session(…)]` of a field.
    pub(crate) fn read(attributes: &[Attribute], errors: &mut Errors) -> Option<Self> {
        let mut mark = None;
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("session")) {
            for item in Item::read(attribute, errors) {
                if mark.is_some() {
                    errors.at(&item.word, "a field lives on one side: `#[session(token)]` or `#[session(data)]`");
                    continue;
                }
                mark = Some(Self::of(&item, errors));
            }
        }
        mark
    }

    /// A side that cannot be read has been reported; it still counts as a side, so that no second message asks for one.
    fn of(item: &Item, errors: &mut Errors) -> Self {
        let half = if item.name() == "data" { Half::Data } else { Half::Token };
        if MARKS.contains(&item.name().as_str()) {
            item.flag(errors);
        } else {
            item.unknown("session", MARKS, errors);
        }
        Self { half, span: item.word.span() }
    }
}
