//! serde attributes that would let something onto the wire unseen, or something off it that cannot be read back.

use quote::ToTokens;

use crate::errors::Errors;
use crate::input::{Field, Input};
use crate::role::Role;
use crate::tokens;

pub(super) fn check(input: &Input, errors: &mut Errors) {
    remote(input, errors);
    half_converted(input, errors);
    hidden_form(input, errors);
    other(input, errors);
    written_but_not_read(input, errors);
    unwritten_but_read(input, errors);
    flatten_of_a_map(input, errors);
    skipped_variant(input, errors);
}

/// ```text
/// #[serde(remote = "chrono::Duration")] struct DurationDef { … }
/// ```
fn remote(input: &Input, errors: &mut Errors) {
    if let Some(span) = input.serde.remote {
        errors
            .at_span(span, "`remote` describes another type, which this derive cannot see; wrap that type in a struct");
    }
}

/// ```text
/// #[serde(into = "String")] enum Role { … }
/// #[serde(into = "String", try_from = "u8")] enum Role { … }
/// ```
fn half_converted(input: &Input, errors: &mut Errors) {
    let (into, from) = (&input.serde.into, &input.serde.from);
    let text = |via: &crate::attr::Via| via.ty.as_ref().map(tokens::type_text);
    match (into, from) {
        (Some(into), Some(from)) if text(into) == text(from) => {}
        (Some(into), _) => errors.at_span(
            into.span,
            "what is written `into` a type must be read `from` or `try_from` \
            the same type",
        ),
        (None, Some(from)) => {
            errors.at_span(from.span, "what is read `from` a type must be written `into` the same type");
        }
        (None, None) => {}
    }
}

/// ```text
/// #[serde(with = "hex")] id: [u8; 16]
/// ```
fn hidden_form(input: &Input, errors: &mut Errors) {
    if !input.role.is_public() {
        return;
    }
    let fields = input.fields().filter_map(|field| field.serde.with);
    for span in fields.chain(input.variants().iter().filter_map(|variant| variant.serde.with)) {
        errors.at_span(
            span,
            "the compiler cannot see what this function writes, nor how long it gets; use a newtype with \
            its own `Serialize`, `Deserialize` and `ClaimValue`",
        );
    }
}

/// ```text
/// #[serde(tag = "type")] enum Account { Shopper { … }, #[serde(other)] Unknown }
/// ```
fn other(input: &Input, errors: &mut Errors) {
    if input.role != Role::Payload {
        return;
    }
    for variant in input.variants() {
        if let Some(span) = variant.serde.other {
            errors.at_span(
                span,
                format!(
                    "a token with a tag this code does not know would be taken for `{}`, and lose its \
                fields when written again; remove `other`",
                    variant.ident
                ),
            );
        }
    }
}

/// ```text
/// #[serde(skip_serializing_if = "Vec::is_empty")] tags: Vec<Tag>
/// #[serde(skip_serializing)] tags: Vec<Tag>
/// ```
fn unwritten_but_read(input: &Input, errors: &mut Errors) {
    for field in input.fields() {
        let serde = &field.serde;
        let Some(span) = serde.skip_serializing.or(serde.skip_serializing_if) else { continue };
        if !field.may_be_absent(&input.serde) {
            errors.at_span(
                span,
                format!("when `{}` is not written it could not be read back; add `#[serde(default)]`", field.label()),
            );
        }
    }
}

/// ```text
/// #[serde(skip_deserializing)] role: Role
/// ```
fn written_but_not_read(input: &Input, errors: &mut Errors) {
    for field in input.fields().filter(|field| !field.serde.is_absent()) {
        if let Some(span) = field.serde.skip_deserializing {
            errors.at_span(
                span,
                format!(
                    "`{}` would be written and come back as its default; use `skip` to leave it \
                out both ways",
                    field.label()
                ),
            );
        }
    }
}

/// ```text
/// #[serde(flatten)] more: HashMap<String, String>
/// #[serde(flatten)] more: serde_json::Value
/// ```
///
/// Types that hide a map behind a name of their own are found by the compiler, in `flatten`'s constant.
fn flatten_of_a_map(input: &Input, errors: &mut Errors) {
    if input.role != Role::Payload {
        return;
    }
    for field in input.fields().filter(|field| field.serde.flatten.is_some() && is_map(field)) {
        errors.at(
            &field.ty,
            format!(
                "`flatten` of `{}` lets any name into the token, reserved ones too; give it a field \
            of its own, or flatten a struct",
                tokens::type_text(&field.ty)
            ),
        );
    }
}

fn is_map(field: &Field) -> bool {
    let syn::Type::Path(path) = tokens::ungrouped(&field.ty) else { return false };
    path.path.segments.last().is_some_and(|last| {
        matches!(
            last.ident.to_token_stream().to_string().as_str(),
            "HashMap" | "BTreeMap" | "Map" | "Value" | "IndexMap"
        )
    })
}

/// ```text
/// enum Account { Shopper { … }, #[serde(skip_deserializing)] Admin { … } }
/// ```
fn skipped_variant(input: &Input, errors: &mut Errors) {
    for variant in input.variants().iter().filter(|variant| !variant.serde.is_absent()) {
        let Some(span) = variant.serde.skip_deserializing.or(variant.serde.skip_serializing) else { continue };
        errors.at_span(
            span,
            format!("variant `{}` would travel one way only; use `skip` to leave it out both ways", variant.ident),
        );
    }
}
