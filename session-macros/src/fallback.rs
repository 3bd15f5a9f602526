//! What stands in for the impls after a mistake, so that one mistake is one message.

use proc_macro2::TokenStream;
use quote::quote;

use crate::expand::{self, Bounds};
use crate::input::Input;
use crate::role::Role;
use crate::tokens;

/// Impls that type-check and say nothing, and the keys, which other code may already name.
pub(crate) fn stub(input: &Input) -> TokenStream {
    if !can_be_owned(input) {
        return TokenStream::new();
    }
    let items = match input.role {
        Role::Payload => {
            let (value, payload, keys) = (value(input), payload(input), expand::keys(input));
            quote!(#value #payload #keys)
        }
        Role::Data => data(input),
        Role::Value => value(input),
    };
    expand::anonymous(input, &items)
}

/// Where serde cannot implement its traits, a stub would only add messages that say so.
fn can_be_owned(input: &Input) -> bool {
    let borrows = |field: &crate::input::Field| matches!(tokens::ungrouped(&field.ty), syn::Type::Reference(_));
    let has_lifetimes = input.generics.lifetimes().next().is_some();
    let is_union = matches!(input.body, crate::input::Body::Union);
    !has_lifetimes && !is_union && input.serde.remote.is_none() && !input.fields().any(borrows)
}

fn value(input: &Input) -> TokenStream {
    let Bounds { params, ty, predicates } = Bounds::of(input);
    let schema = empty(input);
    quote! {
        impl #params __session::ClaimValue for #ty #predicates {
            type Form = __session::Plain;
            const SCHEMA: &'static __session::Schema = #schema;
        }
    }
}

fn payload(input: &Input) -> TokenStream {
    let Bounds { params, ty, predicates } = Bounds::of(input);
    quote! {
        impl #params __session::AccessTokenPayload for #ty #predicates {
            const KIND: &'static str = "";
        }
    }
}

fn data(input: &Input) -> TokenStream {
    let Bounds { params, ty, predicates } = Bounds::of(input);
    let schema = empty(input);
    quote! {
        impl #params __session::SessionData for #ty #predicates {
            const KIND: &'static str = "";
            const SCHEMA: &'static __session::Schema = #schema;
        }
    }
}

fn empty(input: &Input) -> TokenStream {
    let name = tokens::text(&input.ident);
    quote!(&__session::Schema::Object { name: #name, fields: &[] })
}
