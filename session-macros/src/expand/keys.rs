//! Constants of the user's type: the typed key of each payload field, and the longest JSON.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Ident;
use syn::ext::IdentExt;

use super::Bounds;
use crate::input::{Body, Field, Input, Style};
use crate::tokens;

/// The constants of a payload; after a mistake they are there as well, because other code may name them.
pub(crate) fn expand(input: &Input) -> TokenStream {
    let (longest, keys) = (longest(input), keys(input));
    quote!(#longest #keys)
}

/// `MAX_ENCODED_LEN`, so that it can be asked of the type without importing the trait that has it.
///
/// It goes through `Probe` because that demands nothing of the type: a missing serde derive is told by the impls.
fn longest(input: &Input) -> TokenStream {
    let Bounds { params, ty, predicates } = Bounds::of(input);
    let vis = &input.vis;
    quote! {
        #[automatically_derived]
        #[allow(dead_code, reason = "for whoever asks")]
        impl #params #ty #predicates {
            /// The longest JSON of any such payload, in bytes; `None` when nothing bounds it.
            #vis const MAX_ENCODED_LEN: __session::Option<usize> = __session::longest(<__session::Probe<Self>>::SCHEMA);
        }
    }
}

/// An inherent impl with one constant per field. It says as little about the field's type as it can, so that a wrong type is
/// reported once, by the schema.
fn keys(input: &Input) -> TokenStream {
    let Body::Struct(fields) = &input.body else { return TokenStream::new() };
    if fields.style != Style::Named || input.serde.into.is_some() || input.serde.transparent.is_some() {
        return TokenStream::new();
    }
    let keys: Vec<_> = fields.written().filter(|field| field.serde.flatten.is_none()).filter_map(key).collect();
    if keys.is_empty() {
        return TokenStream::new();
    }
    let Bounds { params, ty, predicates } = Bounds::of(input);
    quote! {
        #[automatically_derived]
        #[allow(dead_code, reason = "a field needs no guard")]
        impl #params #ty #predicates { #(#keys)* }
    }
}

fn key(field: &Field) -> Option<TokenStream> {
    let ident = field.ident()?;
    let Field { vis, ty, .. } = field;
    let wire = &field.wire.written;
    let name = field.claim.key.clone().unwrap_or_else(|| constant(ident));
    let doc = format!("The key of `{}`, to say in a guard what is expected of it.", tokens::text(ident));
    Some(quote! {
        #[doc = #doc]
        #vis const #name: __session::Key<Self, #ty> = __session::Key::new(#wire, |payload| &payload.#ident);
    })
}

/// `display_name` becomes `DISPLAY_NAME`.
fn constant(ident: &Ident) -> Ident {
    format_ident!("{}", ident.unraw().to_string().to_uppercase(), span = ident.span())
}
