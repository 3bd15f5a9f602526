//! One struct with both derives: per field, `#[session(token)]` or `#[session(data)]` says on which side it lives.
//!
//! The payload derive makes the companion struct of the token and the two directions; the data derive makes the companion of
//! the data. Each companion carries its own derive, so every rule holds for each side.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Attribute, Data, DeriveInput, Field, Fields, Ident};

use crate::attr::Half;
use crate::errors::Errors;
use crate::input::{Input, Style};
use crate::krate;
use crate::role::Role;
use crate::tokens;

/// The companion of the derive at work.
///
/// Both derives look for the same mistakes; the compiler shows equal messages once.
pub(super) fn derive(input: &Input, item: &DeriveInput, mut errors: Errors) -> TokenStream {
    claim_value(input, &mut errors);
    unnamed(input, &mut errors);
    nothing_in_the_token(input, &mut errors);
    merged_in_the_token(input, &mut errors);
    match errors.finish() {
        None => expand(input, item),
        Some(messages) if input.role == Role::Data => {
            let stub = super::anonymous(input, &data_half(item, &quote!(__session::NoData)));
            quote!(#messages #stub)
        }
        Some(messages) => messages,
    }
}

/// ```text
/// #[derive(ClaimValue)] struct Profile { #[session(token)] level: u8 }
/// ```
fn claim_value(input: &Input, errors: &mut Errors) {
    if input.role != Role::Value {
        return;
    }
    for mark in input.fields().filter_map(|field| field.mark.as_ref()) {
        errors.at_span(
            mark.span,
            "a claim value lives where its payload lives; `#[session(…)]` is for a struct that derives \
             `AccessTokenPayload` and `SessionData`",
        );
    }
}

/// ```text
/// enum Checkout { Open { #[session(token)] step: u8 } }
/// struct Checkout(#[session(token)] u8);
/// ```
fn unnamed(input: &Input, errors: &mut Errors) {
    if !is_named(input) {
        errors.at(&input.ident, "only a struct with named fields can be split into token and data");
    }
}

/// ```text
/// struct Checkout { #[session(data)] step: u8 }
/// ```
fn nothing_in_the_token(input: &Input, errors: &mut Errors) {
    let in_token = |half: Half| half == Half::Token;
    if is_named(input) && !input.fields().any(|field| field.mark.as_ref().is_some_and(|mark| in_token(mark.half))) {
        errors.at(
            &input.ident,
            "no field says `#[session(token)]`, so nothing would be in the token: mark one, or derive `SessionData` \
             alone without marks",
        );
    }
}

/// ```text
/// struct Checkout { #[session(token)] #[session_data(merge = max)] step: u8 }
/// ```
fn merged_in_the_token(input: &Input, errors: &mut Errors) {
    let in_token = |field: &&crate::input::Field| field.mark.as_ref().is_some_and(|mark| mark.half == Half::Token);
    for field in input.fields().filter(in_token) {
        if let Some(merge) = &field.merge {
            errors.at(
                &merge.word,
                format!(
                    "`{}` travels in the token, and only session data is merged: the payload is changed with \
                     `update_payload`",
                    field.label()
                ),
            );
        }
    }
}

fn is_named(input: &Input) -> bool {
    matches!(&input.body, crate::input::Body::Struct(fields) if fields.style == Style::Named)
}

fn expand(input: &Input, item: &DeriveInput) -> TokenStream {
    let half = if input.role == Role::Data { Half::Data } else { Half::Token };
    let companion = companion(input, item, half);
    let directions = match half {
        Half::Token => token_side(input, item),
        Half::Data => data_side(input, item),
    };
    let directions = super::anonymous(input, &directions);
    quote!(#companion #directions)
}

/// `CheckoutToken` or `CheckoutData`: the half's fields with all that was said about them, and its derives.
fn companion(input: &Input, item: &DeriveInput, half: Half) -> TokenStream {
    let name = name(&item.ident, half);
    let krate = krate::path(input.container.krate.as_ref());
    let serde = quote!(#krate::__private::serde);
    let serde_path = serde.to_string().replace(' ', "");
    let (derives, doc) = match half {
        Half::Token => (quote!(#krate::AccessTokenPayload), "access token's"),
        Half::Data => (quote!(#krate::__private::Default, #krate::SessionData), "store's"),
    };
    let wanted = &input.container.companions;
    let doc = format!("The {doc} half of [`{}`].", tokens::text(&item.ident));
    let attributes = carried(&item.attrs, half);
    let docs = docs(&item.attrs);
    let vis = &item.vis;
    let generics = kept_generics(input, item, half);
    let (params, clause) = (&generics, &generics.where_clause);
    let fields = fields(input, item, half).map(|field| declared(field, half));
    quote! {
        #[doc = #doc]
        #(#docs)*
        #[derive(#serde::Serialize, #serde::Deserialize, #derives #(, #wanted)*)]
        #[serde(crate = #serde_path)]
        #(#attributes)*
        #vis struct #name #params #clause { #(#fields,)* }
    }
}

/// The field as the user wrote it, less what speaks of the split.
fn declared(field: &Field, half: Half) -> TokenStream {
    let docs = docs(&field.attrs);
    let attributes = carried(&field.attrs, half);
    let Field { vis, ident, ty, .. } = field;
    quote!(#(#docs)* #(#attributes)* #vis #ident: #ty)
}

/// What travels, and the rest as a tuple: the other derive knows what it becomes.
fn token_side(input: &Input, item: &DeriveInput) -> TokenStream {
    let token = used(input, item, Half::Token);
    let (params, ty, clause) = pieces(item, &quote!(#token: __session::AccessTokenPayload));
    let name = name(&item.ident, Half::Token);
    let (travels, stays) = (idents(input, item, Half::Token), idents(input, item, Half::Data));
    let types = fields(input, item, Half::Data).map(|field| &field.ty);
    let both = item.generics.params.is_empty().then(|| {
        quote_spanned! {Span::mixed_site().located_at(item.ident.span())=>
            const _: () = __session::needs_data_half::<#ty>();
        }
    });
    quote! {
        #[automatically_derived]
        impl #params __session::TokenHalf for #ty #clause {
            type Token = #token;
            type Rest = (#(#types,)*);

            fn take_token(self) -> (Self::Token, Self::Rest) {
                let Self { #(#travels,)* #(#stays,)* } = self;
                (#name { #(#travels,)* }, (#(#stays,)*))
            }

            fn with_token(token: Self::Token, rest: Self::Rest) -> Self {
                let (#name { #(#travels,)* }, (#(#stays,)*)) = (token, rest);
                Self { #(#travels,)* #(#stays,)* }
            }
        }
        #both
    }
}

fn data_side(input: &Input, item: &DeriveInput) -> TokenStream {
    let data = used(input, item, Half::Data);
    let (params, ty, clause) = pieces(item, &quote!(#data: __session::SessionData));
    let name = name(&item.ident, Half::Data);
    let stays = idents(input, item, Half::Data);
    let types: Vec<_> = fields(input, item, Half::Data).map(|field| &field.ty).collect();
    let half = data_half(item, &data);
    quote! {
        #half
        #[automatically_derived]
        impl #params __session::FromRest<(#(#types,)*)> for #ty #clause {
            fn data((#(#stays,)*): (#(#types,)*)) -> Self::Data {
                #name { #(#stays,)* }
            }

            fn rest(#name { #(#stays,)* }: Self::Data) -> (#(#types,)*) {
                (#(#stays,)*)
            }
        }
    }
}

fn data_half(item: &DeriveInput, data: &TokenStream) -> TokenStream {
    let (params, ty, clause) = pieces(item, &quote!(#data: __session::SessionData));
    quote! {
        #[automatically_derived]
        impl #params __session::DataHalf for #ty #clause {
            type Data = #data;
        }
    }
}

/// The pieces of an impl for the whole struct. A generic one holds where its companion has its trait.
fn pieces(item: &DeriveInput, companion_holds: &TokenStream) -> (TokenStream, TokenStream, TokenStream) {
    let (params, arguments, clause) = item.generics.split_for_impl();
    let ident = &item.ident;
    let own = clause.into_iter().flat_map(|clause| &clause.predicates);
    let clause = match item.generics.params.is_empty() {
        true => quote!(#clause),
        false => quote!(where #(#own,)* #companion_holds),
    };
    (quote!(#params), quote!(#ident #arguments), clause)
}

/// The companion with its arguments, as a type.
fn used(input: &Input, item: &DeriveInput, half: Half) -> TokenStream {
    let generics = kept_generics(input, item, half);
    let (_, arguments, _) = generics.split_for_impl();
    let name = name(&item.ident, half);
    quote!(#name #arguments)
}

fn name(ident: &Ident, half: Half) -> Ident {
    match half {
        Half::Token => format_ident!("{ident}Token"),
        Half::Data => format_ident!("{ident}Data"),
    }
}

/// The fields of one half; a field without a mark is data, the safe side.
fn fields<'a>(input: &'a Input, item: &'a DeriveInput, half: Half) -> impl Iterator<Item = &'a Field> {
    let marks = input.fields().map(|field| field.mark.as_ref().map_or(Half::Data, |mark| mark.half));
    let raw = match &item.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(named) => Some(&named.named),
            Fields::Unnamed(_) | Fields::Unit => None,
        },
        Data::Enum(_) | Data::Union(_) => None,
    };
    raw.into_iter().flatten().zip(marks).filter(move |(_, of)| *of == half).map(|(field, _)| field)
}

fn idents(input: &Input, item: &DeriveInput, half: Half) -> Vec<Ident> {
    fields(input, item, half).filter_map(|field| field.ident.clone()).collect()
}

/// What serde and we are told goes with the half; the container's words go to the half they belong to.
fn carried(attributes: &[Attribute], half: Half) -> Vec<&Attribute> {
    let ours: &[&str] = match half {
        Half::Token => &["serde", "claim", "access_token", "allow", "expect", "cfg"],
        Half::Data => &["serde", "session_data", "allow", "expect", "cfg"],
    };
    attributes.iter().filter(|attribute| ours.iter().any(|name| attribute.path().is_ident(name))).collect()
}

fn docs(attributes: &[Attribute]) -> Vec<&Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("doc")).collect()
}

/// The type parameters that the half speaks of: an unused one would not compile.
fn kept_generics(input: &Input, item: &DeriveInput, half: Half) -> syn::Generics {
    let mut generics = item.generics.clone();
    let spoken = |ident: &Ident| fields(input, item, half).any(|field| tokens::mentions(&field.ty, ident));
    let dropped: Vec<Ident> =
        item.generics.type_params().map(|param| param.ident.clone()).filter(|ident| !spoken(ident)).collect();
    let is_dropped = |ident: &Ident| dropped.contains(ident);
    generics.params = item
        .generics
        .params
        .iter()
        .filter(|param| !matches!(param, syn::GenericParam::Type(param) if is_dropped(&param.ident)))
        .cloned()
        .collect();
    if let Some(clause) = &mut generics.where_clause {
        let kept = |predicate: &&syn::WherePredicate| !speaks_of(predicate, &dropped);
        clause.predicates = clause.predicates.iter().filter(kept).cloned().collect();
    }
    generics
}

fn speaks_of(predicate: &syn::WherePredicate, dropped: &[Ident]) -> bool {
    let words = predicate.to_token_stream().to_string();
    dropped
        .iter()
        .any(|ident| words.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|word| ident == word))
}
