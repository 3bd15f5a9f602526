//! `#[session_data(merge = …)]` on a field.

use syn::{Attribute, Ident};

use super::item::Item;
use crate::errors::Errors;

/// What becomes of a field that two have changed.
#[derive(Debug)]
pub(crate) struct Merge {
    /// The user's word for the rule.
    pub(crate) word: Ident,
    pub(crate) rule: Rule,
}

/// The rules, in the words of the attribute.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rule {
    Add,
    Append,
    Last,
    Max,
    Min,
    Union,
}

pub(super) const FIELD_WORDS: &[&str] = &["merge"];
const RULES: &[(&str, Rule)] = &[
    ("add", Rule::Add),
    ("append", Rule::Append),
    ("last", Rule::Last),
    ("max", Rule::Max),
    ("min", Rule::Min),
    ("union", Rule::Union),
];

impl Merge {
    /// Reads every `#[session_data(…)]` of a field.
    pub(crate) fn read(attributes: &[Attribute], errors: &mut Errors) -> Option<Self> {
        let mut merge = None;
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("session_data")) {
            for item in Item::read(attribute, errors) {
                match item.name().as_str() {
                    "merge" if !item.repeated(&merge, errors) => merge = Self::of(&item, errors),
                    "merge" => {}
                    word if super::container::DATA_WORDS.contains(&word) => {
                        errors.at(&item.word, format!("`{word}` belongs on the type; a field says `merge = …`"));
                    }
                    _ => item.unknown("session_data", FIELD_WORDS, errors),
                }
            }
        }
        merge
    }

    fn of(item: &Item, errors: &mut Errors) -> Option<Self> {
        let words: Vec<_> = RULES.iter().map(|(word, _)| *word).collect();
        let word = item.choice(&words, errors)?;
        let rule = RULES.iter().find(|(name, _)| word == name).map(|(_, rule)| *rule)?;
        Some(Self { word, rule })
    }
}
