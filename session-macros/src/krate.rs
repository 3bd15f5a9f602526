//! Where generated code finds the runtime.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Path;

/// The path of the runtime crate: what `crate = …` says, else `::session_runtime`.
///
/// A macro cannot see what the user's manifest calls its dependencies, so a renamed runtime has to be named.
pub(crate) fn path(explicit: Option<&Path>) -> TokenStream {
    explicit.map_or_else(|| quote!(::session_runtime), |path| quote!(#path))
}
