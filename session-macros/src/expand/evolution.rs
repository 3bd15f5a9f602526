//! Kind, version, and the way from older versions; the same for payloads and data.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Type;

use crate::case;
use crate::input::Input;
use crate::role::Role;
use crate::tokens;

/// `KIND`, `VERSION` and `UNREADABLE`.
pub(super) fn identity(input: &Input) -> TokenStream {
    let kind = kind(input);
    let version = input.container.version.as_ref().map(|version| quote!(const VERSION: u32 = #version;));
    let unreadable = input.container.unreadable.as_ref().map(|choice| {
        let variant = match choice.to_string().as_str() {
            "sign_out" => quote!(SignOut),
            "reset" => quote!(Reset),
            _ => quote!(Refuse),
        };
        quote!(const UNREADABLE: __session::Unreadable = __session::Unreadable::#variant;)
    });
    quote! {
        const KIND: &'static str = #kind;
        #version
        #unreadable
    }
}

/// The kind: as given, else the type's name in snake case.
pub(crate) fn kind(input: &Input) -> String {
    let given = input.container.kind.as_ref().map(syn::LitStr::value);
    given.unwrap_or_else(|| case::snake(&tokens::text(&input.ident)))
}

/// The method that reads older versions, where there is a way.
pub(super) fn from_older(input: &Input) -> TokenStream {
    let Some((old, converted)) = predecessor(input) else { return TokenStream::new() };
    let function = match (input.role, converted) {
        (Role::Data, true) => quote!(data_from),
        (Role::Data, false) => quote!(data_like),
        (_, true) => quote!(payload_from),
        (_, false) => quote!(payload_like),
    };
    let span = tokens::span_of(old).resolved_at(Span::mixed_site());
    let read = quote_spanned!(span=> __session::#function::<#old, Self>);
    quote! {
        fn from_older(version: u32, json: &str) -> __session::Result<Self, __session::PayloadError> {
            #read(version, json)
        }
    }
}

/// What the compiler can say about the way: same kind, an older version, and JSON that can be read.
pub(super) fn check(input: &Input) -> TokenStream {
    let Some((old, converted)) = predecessor(input).filter(|_| input.generics.params.is_empty()) else {
        return TokenStream::new();
    };
    let function = match (input.role, converted) {
        (Role::Data, true) => quote!(check_data_from),
        (Role::Data, false) => quote!(check_data_like),
        (_, true) => quote!(check_payload_from),
        (_, false) => quote!(check_payload_like),
    };
    let ident = &input.ident;
    let span = tokens::span_of(old).resolved_at(Span::mixed_site());
    quote_spanned! {span=>
        const _: () = __session::#function::<#old, #ident>();
    }
}

/// The older type, and whether its values are converted.
fn predecessor(input: &Input) -> Option<(&Type, bool)> {
    let from = input.container.from.as_ref().map(|word| (&word.value, true));
    from.or(input.container.compatible_with.as_ref().map(|word| (&word.value, false)))
}
