//! Kinds and versions: what is stored today will be read by tomorrow's code.

use crate::errors::{Errors, suggestion};
use crate::input::Input;

/// Longest kind: it travels in every token.
const KIND_MAX: usize = 64;
const UNREADABLE: &[&str] = &["refuse", "sign_out", "reset"];

pub(super) fn check(input: &Input, errors: &mut Errors) {
    kind(input, errors);
    version(input, errors);
    path_without_older_version(input, errors);
    two_paths(input, errors);
    unreadable(input, errors);
}

/// ```text
/// #[access_token(kind = "")]  #[access_token(kind = "Web Shopper")]  #[access_token(kind = "none")]
/// ```
fn kind(input: &Input, errors: &mut Errors) {
    let Some(literal) = &input.container.kind else { return };
    let kind = literal.value();
    let fits =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '_' | '-' | '.');
    if kind.is_empty() || kind.len() > KIND_MAX || !kind.chars().all(fits) {
        errors.at(literal, format!("a kind is 1 to {KIND_MAX} of the characters a–z, 0–9, `_`, `-` and `.`"));
    } else if kind == "none" {
        errors.at(literal, "the kind `none` belongs to `NoPayload` and `NoData`");
    }
}

/// ```text
/// #[session_data(version = 0)]
/// ```
fn version(input: &Input, errors: &mut Errors) {
    let Some(literal) = &input.container.version else { return };
    match literal.base10_parse::<u32>() {
        Ok(0) => errors.at(literal, "versions count from 1"),
        Ok(_) => {}
        Err(_) => errors.at(literal, "a version is a number from 1 to 4294967295"),
    }
}

/// ```text
/// #[session_data(from(CartV1))]
/// ```
fn path_without_older_version(input: &Input, errors: &mut Errors) {
    let Some(from) = &input.container.from else { return };
    let version = input.container.version.as_ref().map_or(Ok(1), syn::LitInt::base10_parse::<u32>);
    if matches!(version, Ok(1)) {
        errors.at(&from.word, "`from` reads an older version, and there is none before 1: add `version = 2`");
    }
}

/// ```text
/// #[session_data(version = 2, from(CartV1), compatible_with = CartV1)]
/// ```
fn two_paths(input: &Input, errors: &mut Errors) {
    if let (Some(_), Some(compatible)) = (&input.container.from, &input.container.compatible_with) {
        errors.at(
            &compatible.word,
            "a type is read either `from` its predecessor's values or is `compatible_with` its \
            JSON, not both",
        );
    }
}

/// ```text
/// #[session_data(unreadable = restet)]
/// ```
fn unreadable(input: &Input, errors: &mut Errors) {
    let Some(choice) = &input.container.unreadable else { return };
    let word = choice.to_string();
    if !UNREADABLE.contains(&word.as_str()) {
        let hint = suggestion(&word, UNREADABLE);
        errors.at(choice, format!("unknown choice `{word}`{hint} (`refuse`, `sign_out`, or for session data `reset`)"));
    } else if word == "reset" && input.role == crate::role::Role::Payload {
        errors.at(choice, "a payload has no default to reset to: `refuse` or `sign_out`");
    }
}
