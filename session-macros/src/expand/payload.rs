//! `#[derive(AccessTokenPayload)]`.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

use super::{Bounds, claim_value, evolution, keys};
use crate::input::Input;
use crate::tokens;

pub(super) fn expand(input: &Input) -> TokenStream {
    let value = claim_value::value(input);
    let payload = payload(input);
    let keys = keys(input);
    let field_checks = claim_value::field_checks(input, true);
    let whole_check = whole_check(input);
    let evolution_check = evolution::check(input);
    quote!(#value #payload #keys #field_checks #whole_check #evolution_check)
}

fn payload(input: &Input) -> TokenStream {
    let Bounds { params, ty, predicates } = Bounds::of(input);
    let identity = evolution::identity(input);
    let from_older = evolution::from_older(input);
    let max_bytes = input
        .container
        .max_bytes
        .as_ref()
        .map(|bound| quote!(const MAX_BYTES: __session::Option<usize> = __session::Some(#bound);));
    let travels = input.container.header_only.map(|_| {
        quote!(
            const TRAVELS: __session::Travels = __session::Travels::HeaderOnly;
        )
    });
    quote! {
        #[automatically_derived]
        impl #params __session::AccessTokenPayload for #ty #predicates {
            #identity
            #max_bytes
            #travels
            #from_older
        }
    }
}

/// Names that come in through other types, and the size of the whole. For a generic type the runtime asks when it encodes.
fn whole_check(input: &Input) -> TokenStream {
    if !input.generics.params.is_empty() {
        return TokenStream::new();
    }
    let ident = &input.ident;
    let place = input.container.max_bytes.as_ref().map_or_else(|| ident.to_token_stream(), ToTokens::to_token_stream);
    let span = tokens::span_of(&place).resolved_at(Span::mixed_site());
    quote_spanned! {span=>
        const _: () = __session::check_payload::<#ident>();
    }
}
