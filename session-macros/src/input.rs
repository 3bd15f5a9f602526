//! The model: the item as the later steps see it.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Data, DeriveInput, Generics, Ident, LitStr, Type, Visibility};

use crate::attr::{Claim, Container, Mark, Merge, Names, Serde};
use crate::case::Case;
use crate::errors::Errors;
use crate::role::Role;
use crate::tokens;

/// An item with one of the derives on it.
#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) role: Role,
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) generics: Generics,
    pub(crate) container: Container,
    pub(crate) serde: Serde,
    pub(crate) body: Body,
}

/// What the item consists of.
#[derive(Debug)]
pub(crate) enum Body {
    Struct(Fields),
    Enum(Vec<Variant>),
    Union,
}

/// The fields of a struct or of a variant.
#[derive(Debug)]
pub(crate) struct Fields {
    pub(crate) style: Style,
    pub(crate) list: Vec<Field>,
}

/// How fields are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// `{ a: A }`
    Named,
    /// `(A)`
    Newtype,
    /// `(A, B)`, also `()`
    Tuple,
    /// nothing
    Unit,
}

/// One field.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: FieldName,
    pub(crate) vis: Visibility,
    pub(crate) ty: Type,
    pub(crate) serde: Serde,
    pub(crate) claim: Claim,
    pub(crate) mark: Option<Mark>,
    pub(crate) merge: Option<Merge>,
    pub(crate) wire: Wire,
}

/// A field's name in Rust: an identifier, or a position.
#[derive(Debug)]
pub(crate) enum FieldName {
    Named(Ident),
    Position(usize),
}

/// One variant.
#[derive(Debug)]
pub(crate) struct Variant {
    pub(crate) ident: Ident,
    pub(crate) serde: Serde,
    pub(crate) fields: Fields,
    pub(crate) wire: Wire,
}

/// The names of a field or variant as they stand on the wire.
#[derive(Debug)]
pub(crate) struct Wire {
    /// As serde writes it.
    pub(crate) written: String,
    /// As serde reads it, aliases apart.
    pub(crate) read: String,
    /// Further names that serde reads.
    pub(crate) aliases: Vec<LitStr>,
    /// The user's tokens that decide the name: the `rename`, else the identifier.
    pub(crate) place: TokenStream,
}

/// How serde tells the variants of an enum apart.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tagging<'a> {
    External,
    Internal(&'a LitStr),
    Adjacent(&'a LitStr, &'a LitStr),
    Untagged,
}

impl Input {
    /// Reads the item; what cannot be read is reported and left out.
    pub(crate) fn read(role: Role, item: &DeriveInput, errors: &mut Errors) -> Self {
        let container = Container::read(role, &item.attrs, errors);
        let serde = Serde::read(&item.attrs);
        let body = match &item.data {
            Data::Struct(data) => {
                Body::Struct(Fields::read(role, &data.fields, serde.rename_all.write, serde.rename_all.read, errors))
            }
            Data::Enum(data) => {
                Body::Enum(data.variants.iter().map(|variant| Variant::read(role, variant, &serde, errors)).collect())
            }
            Data::Union(_) => Body::Union,
        };
        let (ident, vis, generics) = (item.ident.clone(), item.vis.clone(), item.generics.clone());
        Self { role, ident, vis, generics, container, serde, body }
    }

    /// How the variants are told apart, by the attributes of the enum.
    pub(crate) fn tagging(&self) -> Tagging<'_> {
        match (&self.serde.tag, &self.serde.content) {
            _ if self.serde.untagged.is_some() => Tagging::Untagged,
            (Some(tag), Some(content)) => Tagging::Adjacent(tag, content),
            (Some(tag), None) => Tagging::Internal(tag),
            (None, _) => Tagging::External,
        }
    }

    /// Every field, those of variants included.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &Field> {
        let (structs, variants) = match &self.body {
            Body::Struct(fields) => (Some(fields), None),
            Body::Enum(variants) => (None, Some(variants)),
            Body::Union => (None, None),
        };
        let inside = variants.into_iter().flatten().map(|variant| &variant.fields);
        structs.into_iter().chain(inside).flat_map(|fields| &fields.list)
    }

    /// The variants, none for a struct.
    pub(crate) fn variants(&self) -> &[Variant] {
        match &self.body {
            Body::Enum(variants) => variants,
            Body::Struct(_) | Body::Union => &[],
        }
    }

    /// The fields that are merged one by one: those of a struct whose JSON has their names.
    pub(crate) fn merged_fields(&self) -> Option<impl Iterator<Item = &Field>> {
        let is_another_types = self.serde.into.is_some() || self.serde.transparent.is_some();
        match &self.body {
            Body::Struct(fields) if fields.style == Style::Named && !is_another_types => Some(fields.written()),
            Body::Struct(_) | Body::Enum(_) | Body::Union => None,
        }
    }

    /// Whether fields say on which side they live.
    pub(crate) fn is_split(&self) -> bool {
        self.fields().any(|field| field.mark.is_some())
    }
}

impl Fields {
    fn read(role: Role, fields: &syn::Fields, write: Case, read: Case, errors: &mut Errors) -> Self {
        let style = match fields {
            syn::Fields::Named(_) => Style::Named,
            syn::Fields::Unnamed(list) if list.unnamed.len() == 1 => Style::Newtype,
            syn::Fields::Unnamed(_) => Style::Tuple,
            syn::Fields::Unit => Style::Unit,
        };
        let list =
            fields.iter().enumerate().map(|(at, field)| Field::read(role, at, field, write, read, errors)).collect();
        Self { style, list }
    }

    /// The fields that stand on the wire.
    pub(crate) fn written(&self) -> impl Iterator<Item = &Field> {
        self.list.iter().filter(|field| !field.serde.is_unwritten())
    }
}

impl Field {
    fn read(role: Role, at: usize, field: &syn::Field, write: Case, read: Case, errors: &mut Errors) -> Self {
        let serde = Serde::read(&field.attrs);
        let claim = if role.is_public() { Claim::read(&field.attrs, errors) } else { Claim::default() };
        let mark = Mark::read(&field.attrs, errors);
        let merge = Merge::read(&field.attrs, errors);
        let place = field.ident.as_ref().map_or_else(|| field.ty.to_token_stream(), ToTokens::to_token_stream);
        let rust = field.ident.as_ref().map_or_else(|| at.to_string(), tokens::text);
        let wire = Wire::new(&serde, write.field(&rust), read.field(&rust), place);
        let name = match &field.ident {
            Some(ident) => FieldName::Named(ident.clone()),
            None => FieldName::Position(at),
        };
        Self { name, vis: field.vis.clone(), ty: field.ty.clone(), serde, claim, mark, merge, wire }
    }

    /// The identifier, where the field has one.
    pub(crate) fn ident(&self) -> Option<&Ident> {
        match &self.name {
            FieldName::Named(ident) => Some(ident),
            FieldName::Position(_) => None,
        }
    }

    /// What messages underline when they speak of the field.
    pub(crate) fn place(&self) -> TokenStream {
        let ty = &self.ty;
        self.ident().map_or_else(|| quote!(#ty), ToTokens::to_token_stream)
    }

    /// The name in messages.
    pub(crate) fn label(&self) -> String {
        match &self.name {
            FieldName::Named(ident) => tokens::text(ident),
            FieldName::Position(at) => at.to_string(),
        }
    }

    /// Whether reading copes with the field's absence.
    pub(crate) fn may_be_absent(&self, container: &Serde) -> bool {
        let skipped = self.serde.skip.is_some() || self.serde.skip_deserializing.is_some();
        skipped || self.serde.default.is_some() || container.default.is_some() || self.reads_none()
    }

    /// serde reads a missing field of this type as `None`.
    fn reads_none(&self) -> bool {
        self.serde.with.is_none() && tokens::is_option(&self.ty)
    }
}

impl Variant {
    fn read(role: Role, variant: &syn::Variant, container: &Serde, errors: &mut Errors) -> Self {
        let serde = Serde::read(&variant.attrs);
        let rust = tokens::text(&variant.ident);
        let all = container.rename_all;
        let wire =
            Wire::new(&serde, all.write.variant(&rust), all.read.variant(&rust), variant.ident.to_token_stream());
        let or = |own: Case, outer: Case| if own == Case::Unchanged { outer } else { own };
        let write = or(serde.rename_all.write, container.rename_all_fields.write);
        let read = or(serde.rename_all.read, container.rename_all_fields.read);
        let fields = Fields::read(role, &variant.fields, write, read, errors);
        Self { ident: variant.ident.clone(), serde, fields, wire }
    }
}

impl Wire {
    fn new(serde: &Serde, write: String, read: String, place: TokenStream) -> Self {
        let Names { write: renamed_write, read: renamed_read } = &serde.rename;
        let value = |name: &Option<LitStr>, rule: String| name.as_ref().map_or(rule, LitStr::value);
        Self {
            written: value(renamed_write, write),
            read: value(renamed_read, read),
            aliases: serde.aliases.clone(),
            place: renamed_write.as_ref().or(renamed_read.as_ref()).map_or(place, ToTokens::to_token_stream),
        }
    }
}
