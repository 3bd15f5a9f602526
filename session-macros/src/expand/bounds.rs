//! The generics of the impls: the user's own, and what each type parameter must be.

use proc_macro2::TokenStream;
use quote::quote;

use crate::input::Input;
use crate::role::Role;
use crate::tokens;

/// The pieces of `impl<…> Trait for Type<…> where …`.
pub(crate) struct Bounds {
    pub(crate) params: TokenStream,
    pub(crate) ty: TokenStream,
    pub(crate) predicates: TokenStream,
}

impl Bounds {
    /// The bounds for the trait of the item's role.
    pub(crate) fn of(input: &Input) -> Self {
        let (params, arguments, clause) = input.generics.split_for_impl();
        let ident = &input.ident;
        let own = clause.map(|clause| clause.predicates.iter().collect::<Vec<_>>()).unwrap_or_default();
        let added = input.generics.type_params().map(|parameter| {
            let bound = bound(input, &parameter.ident);
            let ident = &parameter.ident;
            quote!(#ident: #bound)
        });
        let predicates: Vec<_> = own.iter().map(|predicate| quote!(#predicate)).chain(added).collect();
        let predicates = if predicates.is_empty() { TokenStream::new() } else { quote!(where #(#predicates),*) };
        Self { params: quote!(#params), ty: quote!(#ident #arguments), predicates }
    }
}

fn bound(input: &Input, parameter: &syn::Ident) -> TokenStream {
    let lives = quote!(__session::Send + __session::Sync + 'static);
    let on_the_wire = is_on_the_wire(input, parameter);
    match input.role {
        Role::Payload if on_the_wire => quote!(__session::ClaimValue + #lives),
        Role::Payload => lives,
        Role::Value if on_the_wire => quote!(__session::ClaimValue),
        Role::Value => quote!(),
        Role::Data => {
            quote!(__session::Serialize + __session::DeserializeOwned + __session::Default + #lives)
        }
    }
}

/// A parameter that only a `PhantomData` or a skipped field names carries no value.
fn is_on_the_wire(input: &Input, parameter: &syn::Ident) -> bool {
    let mut fields = input.fields().filter(|field| !field.serde.is_absent());
    fields.any(|field| !tokens::type_text(&field.ty).contains("PhantomData<") && tokens::mentions(&field.ty, parameter))
}
