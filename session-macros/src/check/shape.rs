//! The item must be a JSON object, or for a claim value at least plain data that owns itself.
//!
//! What serde refuses by itself is left to it, so that there is one message: a tuple variant beside an internal tag,
//! `transparent` over two fields, a variant's field with the name of the tag.

use crate::errors::Errors;
use crate::input::{Body, Fields, Input, Style, Tagging};
use crate::role::Role;
use crate::tokens;

pub(super) fn check(input: &Input, errors: &mut Errors) {
    union(input, errors);
    lifetimes(input, errors);
    borrowed_fields(input, errors);
    if input.role.is_object() && !is_converted(input) {
        unnamed_struct(input, errors);
        untagged_enum(input, errors);
        externally_tagged_enum(input, errors);
    }
    empty_enum(input, errors);
}

/// `#[serde(into = "Wire", from = "Wire")]`: the shape is that of `Wire`.
fn is_converted(input: &Input) -> bool {
    input.serde.into.is_some() || input.serde.from.is_some()
}

/// ```text
/// union Shopper { id: u32, bits: f32 }
/// ```
fn union(input: &Input, errors: &mut Errors) {
    if matches!(input.body, Body::Union) {
        errors.at(&input.ident, "a union cannot be serialized; use a struct with named fields");
    }
}

/// ```text
/// struct Shopper<'a> { name: &'a str }
/// ```
fn lifetimes(input: &Input, errors: &mut Errors) {
    for lifetime in input.generics.lifetimes() {
        let message = format!(
            "{} outlives the request it was read in, so it owns its values: remove `{}` and hold \
            `String` or `Vec<_>`",
            input.role.noun(),
            lifetime.lifetime
        );
        errors.at(&lifetime.lifetime, message);
    }
}

/// ```text
/// struct Shopper { name: &'static str }
/// ```
fn borrowed_fields(input: &Input, errors: &mut Errors) {
    if input.generics.lifetimes().next().is_some() {
        return;
    }
    for field in input.fields().filter(|field| !field.serde.is_absent()) {
        if let syn::Type::Reference(reference) = tokens::ungrouped(&field.ty) {
            errors.at(&field.ty, format!("a reference cannot be read back; hold {}", owned(reference)));
        }
    }
}

fn owned(reference: &syn::TypeReference) -> String {
    match tokens::ungrouped(&reference.elem) {
        syn::Type::Slice(slice) => format!("`Vec<{}>`", tokens::type_text(&slice.elem)),
        ty if tokens::type_text(ty) == "str" => "`String`".to_owned(),
        ty => format!("`{}` itself", tokens::type_text(ty)),
    }
}

/// ```text
/// struct Shopper(Role);  struct Shopper(Role, u8);  struct Shopper;
/// ```
fn unnamed_struct(input: &Input, errors: &mut Errors) {
    let Body::Struct(Fields { style, .. }) = &input.body else { return };
    let name = &input.ident;
    let noun = input.role.noun();
    match style {
        Style::Named => {}
        Style::Newtype if input.serde.transparent.is_some() => {}
        Style::Newtype => errors.at(
            name,
            format!(
                "{noun} is a JSON object: name the field, as in \
            `struct {name} {{ value: … }}`, or put `#[serde(transparent)]` over a type that is one"
            ),
        ),
        Style::Tuple => errors.at(
            name,
            format!(
                "{noun} is a JSON object, a tuple struct becomes an array: name the \
            fields, as in `struct {name} {{ first: …, second: … }}`"
            ),
        ),
        Style::Unit => errors.at(
            name,
            format!(
                "{noun} is a JSON object, a unit struct becomes `null`: write \
            `struct {name} {{}}`{}",
                nothing_to_say(input.role)
            ),
        ),
    }
}

fn nothing_to_say(role: Role) -> &'static str {
    if role == Role::Data { ", or use `NoData`" } else { ", or use `NoPayload`" }
}

/// ```text
/// #[serde(untagged)] enum Account { Shopper { … }, Admin { … } }
/// ```
fn untagged_enum(input: &Input, errors: &mut Errors) {
    if let (Body::Enum(_), Some(span)) = (&input.body, input.serde.untagged) {
        errors.at_span(
            span,
            "without a tag one variant can be read as another, so an `Admin` field too many decides \
            who somebody is; write `#[serde(tag = \"type\")]`",
        );
    }
    for variant in input.variants() {
        if let Some(span) = variant.serde.untagged {
            errors.at_span(
                span,
                format!(
                    "variant `{}` without a tag can be read from another variant's JSON; \
                remove `untagged`",
                    variant.ident
                ),
            );
        }
    }
}

/// ```text
/// enum Account { Shopper { … }, Admin { … } }
/// ```
fn externally_tagged_enum(input: &Input, errors: &mut Errors) {
    if let (Body::Enum(variants), Tagging::External) = (&input.body, input.tagging())
        && !variants.is_empty()
    {
        errors.at(
            &input.ident,
            format!(
                "the variant's name would be the only field of {}; write `#[serde(tag = \
            \"type\")]` on `{}` so that its fields stand at the top",
                input.role.noun(),
                input.ident
            ),
        );
    }
}

/// ```text
/// enum Account {}
/// ```
fn empty_enum(input: &Input, errors: &mut Errors) {
    if let Body::Enum(variants) = &input.body
        && variants.is_empty()
    {
        errors.at(&input.ident, format!("an enum without variants has no value that could be {}", input.role.noun()));
    }
}
