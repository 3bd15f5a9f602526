//! Turns a right model into code; nothing in here can fail.
//!
//! The code is thin: it writes down what the compiler alone knows (names, types, attributes) as constants, and the runtime's
//! `__private` does the rest. It stands in one anonymous `const`, so nothing but the impls and the field keys is left behind.

mod bounds;
mod claim_value;
mod data;
mod evolution;
mod keys;
mod merging;
mod payload;
mod schema;
#[cfg(test)]
mod snapshots;
mod split;

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::errors::Errors;
use crate::input::Input;
use crate::role::Role;
use crate::{check, fallback, krate};

/// One derive from input to output: read, check, expand.
pub(crate) fn derive(role: Role, item: TokenStream) -> TokenStream {
    let item: DeriveInput = match syn::parse2(item) {
        Ok(item) => item,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Errors::default();
    let input = Input::read(role, &item, &mut errors);
    if input.is_split() {
        return split::derive(&input, &item, errors);
    }
    check::check(&input, &mut errors);
    match errors.finish() {
        None => expand(&input),
        Some(messages) => {
            let stub = fallback::stub(&input);
            quote!(#messages #stub)
        }
    }
}

/// The code for a right model.
fn expand(input: &Input) -> TokenStream {
    let items = match input.role {
        Role::Payload => payload::expand(input),
        Role::Data => data::expand(input),
        Role::Value => claim_value::expand(input),
    };
    anonymous(input, &items)
}

/// Hides names from the user's module and the user's names from us.
pub(crate) fn anonymous(input: &Input, items: &TokenStream) -> TokenStream {
    let krate = krate::path(input.container.krate.as_ref());
    quote! {
        #[allow(deprecated, unused_qualifications, clippy::absolute_paths, reason = "generated code")]
        const _: () = {
            use #krate::__private as __session;
            #items
        };
    }
}

pub(crate) use self::bounds::Bounds;
pub(crate) use self::keys::expand as keys;
