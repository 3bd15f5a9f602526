//! Derives for `session-runtime`, which re-exports and documents them; use them from there.
//!
//! Every derive takes the same steps: `input` reads the item into a model, `check` looks for mistakes and collects all of
//! them, `expand` turns a right model into code and cannot fail. After a mistake `fallback` emits stub impls instead, so
//! that "trait not implemented" does not follow each message.

mod attr;
mod case;
mod check;
mod errors;
mod expand;
mod fallback;
mod input;
mod krate;
mod role;
mod tokens;

use proc_macro::TokenStream;

use crate::role::Role;

/// Documented on its re-export in `session-runtime`.
#[proc_macro_derive(AccessTokenPayload, attributes(access_token, claim, session, serde))]
pub fn derive_access_token_payload(input: TokenStream) -> TokenStream {
    expand::derive(Role::Payload, input.into()).into()
}

/// Documented on its re-export in `session-runtime`.
#[proc_macro_derive(SessionData, attributes(session_data, session, serde))]
pub fn derive_session_data(input: TokenStream) -> TokenStream {
    expand::derive(Role::Data, input.into()).into()
}

/// Documented on its re-export in `session-runtime`.
#[proc_macro_derive(ClaimValue, attributes(claim, serde))]
pub fn derive_claim_value(input: TokenStream) -> TokenStream {
    expand::derive(Role::Value, input.into()).into()
}
