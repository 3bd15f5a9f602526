//! `#[derive(ClaimValue)]`, and the part of `#[derive(AccessTokenPayload)]` that is the same.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::{Bounds, schema};
use crate::input::{Body, Field, Input};
use crate::tokens;

pub(super) fn expand(input: &Input) -> TokenStream {
    let value = value(input);
    let checks = field_checks(input, false);
    quote!(#value #checks)
}

/// The impl of `ClaimValue`.
pub(super) fn value(input: &Input) -> TokenStream {
    let Bounds { params, ty, predicates } = Bounds::of(input);
    let schema = schema::public(input);
    quote! {
        #[automatically_derived]
        impl #params __session::ClaimValue for #ty #predicates {
            type Form = __session::Plain;
            const SCHEMA: &'static __session::Schema = #schema;
        }
    }
}

/// One constant per field, so that every field's mistake is told, under the field's type.
///
/// A generic type has no such constants: its fields are checked inside its schema, when the parameters are known.
pub(super) fn field_checks(input: &Input, must_be_bounded: bool) -> TokenStream {
    if !input.generics.params.is_empty() || schema::is_another_types(input) {
        return TokenStream::new();
    }
    let ident = &input.ident;
    let of = |name: &str| format_ident!("check_{}{name}", if must_be_bounded { "payload_" } else { "" });
    let (check_value, check_field) = (of("value"), of("field"));
    let is_value = schema::is_inner_value(input);
    let checks = positions(input).map(|(variant, at, field)| {
        let words = words(field);
        let span = tokens::span_of(tokens::ungrouped(&field.ty)).resolved_at(Span::mixed_site());
        if is_value {
            return quote_spanned!(span=> const _: () = __session::#check_value::<#ident>(#words););
        }
        quote_spanned!(span=> const _: () = __session::#check_field::<#ident>(#variant, #at, #words);)
    });
    checks.collect()
}

/// What the field was told about secrets and numbers.
pub(super) fn words(field: &Field) -> TokenStream {
    let public = field.claim.public.as_ref().map(|_| quote!(public: true,));
    let lossy = field.claim.lossy_in_js.as_ref().map(|_| quote!(lossy_in_js: true,));
    if public.is_none() && lossy.is_none() {
        return quote!(__session::WORDS);
    }
    quote!(__session::Words { #public #lossy ..__session::WORDS })
}

/// The written fields with the position of their variant and their own position among the written ones.
fn positions(input: &Input) -> impl Iterator<Item = (usize, usize, &Field)> {
    let groups = match &input.body {
        Body::Struct(fields) => vec![fields],
        Body::Enum(_) => schema::variants(input).map(|variant| &variant.fields).collect(),
        Body::Union => Vec::new(),
    };
    groups
        .into_iter()
        .enumerate()
        .flat_map(|(variant, fields)| fields.written().enumerate().map(move |(at, field)| (variant, at, field)))
}
