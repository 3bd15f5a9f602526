//! `#[derive(SessionData)]`.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

use super::{Bounds, evolution, merging, schema};
use crate::input::Input;
use crate::tokens;

pub(super) fn expand(input: &Input) -> TokenStream {
    let Bounds { params, ty, predicates } = Bounds::of(input);
    let identity = evolution::identity(input);
    let from_older = evolution::from_older(input);
    let evolution_check = evolution::check(input);
    let schema = schema::stored(input);
    let fields = merging::fields(input);
    let whole_check = whole_check(input);
    quote! {
        #[automatically_derived]
        impl #params __session::SessionData for #ty #predicates {
            #identity
            const SCHEMA: &'static __session::Schema = {
                #[allow(unused_imports, reason = "only types without a schema need it")]
                use __session::NoSchema as _;
                #schema
            };
            #fields
            #from_older
        }
        #whole_check
        #evolution_check
    }
}

/// The stored form is an object, also where it is another type's. For a generic type the runtime asks when it encodes.
fn whole_check(input: &Input) -> TokenStream {
    if !input.generics.params.is_empty() {
        return TokenStream::new();
    }
    let ident = &input.ident;
    let span = tokens::span_of(ident).resolved_at(Span::mixed_site());
    quote_spanned! {span=>
        const _: () = __session::check_data::<#ident>();
        const _: () = {
            #[allow(unused_imports, reason = "only types that are no payload need it")]
            use __session::NoSchema as _;
            __session::check_only_data(<__session::Probe<#ident>>::IS_PAYLOAD)
        };
    }
}
