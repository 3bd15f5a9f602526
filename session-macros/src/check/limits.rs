//! Limits that contradict themselves. Whether a limit fits its type is checked by the compiler, which knows the type.

use crate::attr::Bound;
use crate::errors::Errors;
use crate::input::{Field, Input, Style};

pub(super) fn check(input: &Input, errors: &mut Errors) {
    zero_limits(input, errors);
    inverted_range(input, errors);
    limit_on_absent_field(input, errors);
    limit_on_flatten(input, errors);
    key_without_name(input, errors);
}

/// ```text
/// #[access_token(max_bytes = 0)]
/// #[claim(max_len = -1)] name: String
/// ```
fn zero_limits(input: &Input, errors: &mut Errors) {
    let too_small = |bound: &&Bound| bound.known().is_some_and(|value| value < 1);
    if let Some(bound) = input.container.max_bytes.as_ref().filter(too_small) {
        errors.at(bound, "`max_bytes` counts bytes of JSON: at least 2, for `{}`");
    }
    for bound in input.fields().filter_map(|field| field.claim.max_len.as_ref()).filter(too_small) {
        errors.at(bound, "`max_len` counts bytes of JSON: at least 1");
    }
}

/// ```text
/// #[claim(min = 10, max = 1)] level: u8
/// ```
fn inverted_range(input: &Input, errors: &mut Errors) {
    for field in input.fields() {
        let (Some(min), Some(max)) = (&field.claim.min, &field.claim.max) else { continue };
        if let (Some(low), Some(high)) = (min.known(), max.known())
            && low > high
        {
            errors.at(min, format!("no number is at least {low} and at most {high}"));
        }
    }
}

/// ```text
/// #[serde(skip)] #[claim(max_len = 8)] cache: String
/// ```
fn limit_on_absent_field(input: &Input, errors: &mut Errors) {
    for field in input.fields().filter(|field| field.serde.is_absent() && says_something(field)) {
        errors.at(field.place(), format!("`{}` is skipped, so `#[claim(…)]` says nothing about it", field.label()));
    }
}

fn says_something(field: &Field) -> bool {
    let claim = &field.claim;
    claim.narrows() || claim.public.is_some() || claim.lossy_in_js.is_some() || claim.key.is_some()
}

/// ```text
/// #[serde(flatten)] #[claim(max_len = 8)] profile: Profile
/// ```
fn limit_on_flatten(input: &Input, errors: &mut Errors) {
    for field in input.fields().filter(|field| field.serde.flatten.is_some() && field.claim.narrows()) {
        errors.at(
            field.place(),
            format!(
                "`{}` is flattened and has no value of its own to limit; put the limit on the \
            fields of its type",
                field.label()
            ),
        );
    }
}

/// ```text
/// struct Name(#[claim(key = NAME)] String);
/// enum Account { Shopper { #[claim(key = NAME)] name: String } }
/// ```
fn key_without_name(input: &Input, errors: &mut Errors) {
    let has_keys = matches!(&input.body, crate::input::Body::Struct(fields) if fields.style == Style::Named)
        && input.role == crate::role::Role::Payload;
    for key in input.fields().filter_map(|field| field.claim.key.as_ref()).filter(|_| !has_keys) {
        errors.at(key, "only the named fields of an access token payload struct have keys");
    }
}
