//! Small questions about syntax that several steps ask.

use proc_macro2::Span;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::visit::Visit;
use syn::{GenericArgument, Ident, PathArguments, Type, TypePath};

/// An identifier's text without the raw prefix: `r#type` reads `type`.
pub(crate) fn text(ident: &Ident) -> String {
    ident.unraw().to_string()
}

/// A type as its author would write it on one line: `Vec < Item >` reads `Vec<Item>`.
pub(crate) fn type_text(ty: &Type) -> String {
    let spaced = ty.to_token_stream().to_string();
    let mut out = String::with_capacity(spaced.len());
    let mut letters = spaced.chars().peekable();
    while let Some(letter) = letters.next() {
        let keeps = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let between_words = keeps(out.chars().last()) && keeps(letters.peek().copied());
        let after_separator = matches!(out.chars().last(), Some(',' | ';'));
        if letter != ' ' || between_words || after_separator {
            out.push(letter);
        }
    }
    out
}

/// Whether a type is written as `Option<…>`. An alias of it is not seen; callers ask only where not seeing is the safe side.
pub(crate) fn is_option(ty: &Type) -> bool {
    let Type::Path(TypePath { qself: None, path, .. }) = ungrouped(ty) else { return false };
    path.segments.last().is_some_and(|last| {
        last.ident == "Option"
            && matches!(&last.arguments, PathArguments::AngleBracketed(list)
                if matches!(list.args.first(), Some(GenericArgument::Type(_))))
    })
}

/// The type inside invisible groups and parentheses, which `macro_rules!` leaves around a `$ty`.
pub(crate) fn ungrouped(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => ungrouped(&group.elem),
        Type::Paren(paren) => ungrouped(&paren.elem),
        other => other,
    }
}

/// Whether a type speaks of a type parameter.
pub(crate) fn mentions(ty: &Type, parameter: &Ident) -> bool {
    struct Search<'p> {
        parameter: &'p Ident,
        found: bool,
    }
    impl<'ast> Visit<'ast> for Search<'_> {
        fn visit_ident(&mut self, ident: &'ast Ident) {
            self.found |= ident == self.parameter;
        }
    }
    let mut search = Search { parameter, found: false };
    search.visit_type(ty);
    search.found
}

/// The place of a type for messages that the compiler writes about generated code.
pub(crate) fn span_of(tokens: &impl ToTokens) -> Span {
    syn::spanned::Spanned::span(tokens)
}
