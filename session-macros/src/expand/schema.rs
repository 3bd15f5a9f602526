//! The schema constant: the item's wire form, written down for the compiler.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::claim_value::words;
use crate::attr::Bound;
use crate::input::{Body, Field, Fields, Input, Style, Tagging, Variant};
use crate::role::Role;
use crate::tokens;

/// The schema of a payload or claim value: every field's type has one.
pub(super) fn public(input: &Input) -> TokenStream {
    Writer { input }.item()
}

/// The schema of session data: a field's type may be unknown, then its name stands for it.
pub(super) fn stored(input: &Input) -> TokenStream {
    Writer { input }.item()
}

/// Whether the wire form is that of another type, which has checked its own fields.
pub(super) fn is_another_types(input: &Input) -> bool {
    input.serde.into.is_some()
}

/// Whether the wire form is that of the one field: a newtype, or `transparent`.
pub(super) fn is_inner_value(input: &Input) -> bool {
    let newtype = matches!(&input.body, Body::Struct(fields) if fields.style == Style::Newtype);
    newtype || input.serde.transparent.is_some()
}

/// The variants that stand on the wire.
pub(super) fn variants(input: &Input) -> impl Iterator<Item = &Variant> {
    input.variants().iter().filter(|variant| !variant.serde.is_absent())
}

struct Writer<'a> {
    input: &'a Input,
}

impl Writer<'_> {
    fn item(&self) -> TokenStream {
        if let Some(ty) = self.input.serde.into.as_ref().and_then(|via| via.ty.as_ref()) {
            return self.known(ty, &tokens::type_text(ty));
        }
        let name = tokens::text(&self.input.ident);
        match &self.input.body {
            Body::Struct(fields) => self.structure(fields, &name),
            Body::Enum(_) => self.enumeration(&name),
            Body::Union => quote!(&__session::Schema::Null),
        }
    }

    fn structure(&self, fields: &Fields, name: &str) -> TokenStream {
        let written: Vec<_> = fields.written().collect();
        match (fields.style, written.as_slice()) {
            (_, [only]) if self.input.serde.transparent.is_some() => self.value(only),
            (Style::Newtype, [only]) => self.value(only),
            (Style::Named, _) => {
                let tag = self.input.serde.tag.as_ref().map(|tag| {
                    let (tag, len) = (tag.value(), name.len());
                    quote!(__session::Field {
                        name: #tag,
                        schema: &__session::Schema::Text { max_len: __session::Some(#len) },
                        ..__session::FIELD
                    },)
                });
                let fields = self.fields(fields);
                quote!(&__session::Schema::Object { name: #name, fields: &[#fields #tag] })
            }
            (Style::Unit, _) => quote!(&__session::Schema::Null),
            (Style::Newtype | Style::Tuple, _) => {
                let items = written.iter().map(|field| self.value(field));
                quote!(&__session::Schema::Tuple { items: &[#(#items),*] })
            }
        }
    }

    fn enumeration(&self, name: &str) -> TokenStream {
        let tagging = match self.input.tagging() {
            Tagging::External => quote!(__session::Tagging::External),
            Tagging::Internal(tag) => quote!(__session::Tagging::Internal { tag: #tag }),
            Tagging::Adjacent(tag, content) => quote!(__session::Tagging::Adjacent { tag: #tag, content: #content }),
            Tagging::Untagged => quote!(__session::Tagging::Untagged),
        };
        let variants = variants(self.input).map(|variant| self.variant(variant));
        quote!(&__session::Schema::Enum { name: #name, tagging: #tagging, variants: &[#(#variants),*] })
    }

    fn variant(&self, variant: &Variant) -> TokenStream {
        let name = &variant.wire.written;
        let aliases = aliases(&variant.wire);
        let untagged = variant.serde.untagged.map(|_| quote!(untagged: true,));
        let written: Vec<_> = variant.fields.written().collect();
        let content = match (variant.fields.style, written.as_slice()) {
            (Style::Unit, _) => quote!(__session::Content::Unit),
            (Style::Newtype, [only]) => {
                let value = self.value(only);
                quote!(__session::Content::Newtype { value: #value })
            }
            (Style::Named, _) => {
                let fields = self.fields(&variant.fields);
                quote!(__session::Content::Fields { fields: &[#fields] })
            }
            (Style::Newtype | Style::Tuple, _) => {
                let items = written.iter().map(|field| self.value(field));
                quote!(__session::Content::Tuple { items: &[#(#items),*] })
            }
        };
        quote!(__session::Variant { name: #name, #aliases #untagged content: #content, ..__session::VARIANT })
    }

    fn fields(&self, fields: &Fields) -> TokenStream {
        fields.written().map(|field| self.field(field)).collect()
    }

    fn field(&self, field: &Field) -> TokenStream {
        let name = &field.wire.written;
        let schema = self.value(field);
        let aliases = aliases(&field.wire);
        let optional = field.may_be_absent(&self.input.serde).then(|| quote!(may_be_absent: true,));
        let unwritten = field.serde.skip_serializing_if.map(|_| quote!(may_be_unwritten: true,));
        let flatten = field.serde.flatten.map(|_| quote!(flatten: true,));
        quote! {
            __session::Field { name: #name, schema: #schema, #aliases #optional #unwritten #flatten ..__session::FIELD },
        }
    }

    /// The schema of a field's value, with the limits that the field sets.
    fn value(&self, field: &Field) -> TokenStream {
        let text = tokens::type_text(&field.ty);
        if self.input.role == Role::Data && field.serde.with.is_some() {
            return quote!(&__session::Schema::Opaque { name: #text });
        }
        let inner = self.known(&field.ty, &text);
        let limits = limits(field);
        let inner = if self.input.generics.params.is_empty() || self.input.role == Role::Data {
            inner
        } else {
            let (name, words) = (field.ident().map(tokens::text).unwrap_or_default(), words(field));
            let limits = limits.as_ref().map_or_else(|| quote!(__session::LIMITS), |limits| quote!(#limits));
            quote_spanned!(tokens::span_of(tokens::ungrouped(&field.ty))=> __session::checked(#inner, #name, #limits, #words))
        };
        match limits {
            Some(limits) => quote!(&__session::Schema::Limited { inner: #inner, limits: #limits }),
            None => inner,
        }
    }

    /// The schema of a type; under the user's tokens, so that a type without one is reported there.
    fn known(&self, ty: &syn::Type, text: &str) -> TokenStream {
        match self.input.role {
            Role::Data => quote! {
                __session::known_or(<__session::Probe<#ty>>::SCHEMA, &__session::Schema::Opaque { name: #text })
            },
            Role::Payload | Role::Value => quote_spanned! {tokens::span_of(tokens::ungrouped(ty))=>
                <#ty as __session::ClaimValue>::SCHEMA
            },
        }
    }
}

fn aliases(wire: &crate::input::Wire) -> Option<TokenStream> {
    let aliases = &wire.aliases;
    (!aliases.is_empty()).then(|| quote!(aliases: &[#(#aliases),*],))
}

fn limits(field: &Field) -> Option<TokenStream> {
    let claim = &field.claim;
    let max_len = claim.max_len.as_ref().map(|bound| quote!(max_len: __session::Some(#bound),));
    let min = claim.min.as_ref().map(|bound| number(bound, &quote!(min)));
    let max = claim.max.as_ref().map(|bound| number(bound, &quote!(max)));
    claim.narrows().then(|| quote!(__session::Limits { #max_len #min #max ..__session::LIMITS }))
}

/// A literal takes the wide type by itself; a constant of another type is widened.
fn number(bound: &Bound, word: &TokenStream) -> TokenStream {
    match bound {
        Bound::Literal(..) => quote!(#word: __session::Some(#bound),),
        Bound::Constant(_) => quote!(#word: __session::Some(#bound as i128),),
    }
}
