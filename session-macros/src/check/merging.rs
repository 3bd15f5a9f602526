//! Merge rules on what is not merged. Whether a rule fits its field is checked by the compiler, which knows the type.

use crate::errors::Errors;
use crate::input::{Field, Input};

pub(super) fn check(input: &Input, errors: &mut Errors) {
    if input.merged_fields().is_none() {
        return rule_without_fields(input, errors);
    }
    rule_on_absent_field(input, errors);
    rule_on_flatten(input, errors);
}

/// ```text
/// #[serde(tag = "type")] enum Cart { Open { #[session_data(merge = add)] clicks: u64 } }
/// #[serde(into = "Wire", from = "Wire")] struct Cart { #[session_data(merge = add)] clicks: u64 }
/// ```
fn rule_without_fields(input: &Input, errors: &mut Errors) {
    for merge in input.fields().filter_map(|field| field.merge.as_ref()) {
        errors.at(
            &merge.word,
            format!(
                "`{}` is merged as a whole; only a struct with named fields, whose JSON has their names, is merged \
                field by field",
                input.ident
            ),
        );
    }
}

/// ```text
/// #[serde(skip)] #[session_data(merge = max)] cache: u64
/// ```
fn rule_on_absent_field(input: &Input, errors: &mut Errors) {
    for (field, word) in ruled(input).filter(|(field, _)| field.serde.is_unwritten()) {
        errors
            .at(word, format!("`{}` is skipped, so nobody else can have changed what is stored of it", field.label()));
    }
}

/// ```text
/// #[serde(flatten)] #[session_data(merge = union)] more: HashMap<String, u64>
/// ```
fn rule_on_flatten(input: &Input, errors: &mut Errors) {
    for (field, word) in ruled(input).filter(|(field, _)| field.serde.flatten.is_some()) {
        errors.at(
            word,
            format!("`{}` is flattened and has no value of its own to merge; give it a name of its own", field.label()),
        );
    }
}

fn ruled(input: &Input) -> impl Iterator<Item = (&Field, &syn::Ident)> {
    input.fields().filter_map(|field| field.merge.as_ref().map(|merge| (field, &merge.word)))
}
