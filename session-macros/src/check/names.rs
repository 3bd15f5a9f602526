//! Names on the wire: ours are reserved, and no two fields may share one.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::LitStr;

use crate::errors::Errors;
use crate::input::{Body, Field, Fields, Input, Tagging, Wire};
use crate::role::Role;

/// What an access token carries of its own, what RFC 7519 registers, and what the browser packages strip.
///
/// The runtime keeps the same list for names that come in through `flatten`; a test holds the two together.
const RESERVED: &[&str] = &[
    "sub",
    "iat",
    "exp",
    "iss",
    "aud",
    "nbf",
    "jti",
    "rsub",
    "stt",
    "tId",
    "sessionHandle",
    "antiCsrfToken",
    "act",
    "refreshTokenHash1",
    "parentRefreshTokenHash1",
];

/// A name on the wire and the tokens that decide it.
type Named = (String, TokenStream);

pub(super) fn check(input: &Input, errors: &mut Errors) {
    for names in objects(input) {
        if input.role == Role::Payload {
            reserved(&names, errors);
            underscore(&names, errors);
        }
        empty(&names, errors);
        duplicates(&names, "field", errors);
    }
    duplicate_variants(input, errors);
    one_way(input, errors);
}

/// The names that stand side by side: a struct has one group, an enum one per variant.
fn objects(input: &Input) -> Vec<Vec<Named>> {
    let tag: Vec<Named> = input.serde.tag.iter().map(literal).collect();
    match (&input.body, input.tagging()) {
        (Body::Struct(_), _) if input.serde.transparent.is_some() => Vec::new(),
        (Body::Struct(fields), _) => vec![tag.into_iter().chain(fields_of(fields)).collect()],
        (Body::Enum(_), Tagging::Adjacent(tag, content)) => vec![vec![literal(tag), literal(content)]],
        // A field with the name of the tag is refused by serde.
        (Body::Enum(variants), _) => variants.iter().map(|variant| fields_of(&variant.fields)).chain([tag]).collect(),
        (Body::Union, _) => Vec::new(),
    }
}

fn fields_of(fields: &Fields) -> Vec<Named> {
    let named = |field: &&Field| field.ident().is_some() && field.serde.flatten.is_none() && !field.serde.is_absent();
    fields.list.iter().filter(named).flat_map(|field| names_of(&field.wire)).collect()
}

fn names_of(wire: &Wire) -> Vec<Named> {
    let own = (wire.written.clone(), wire.place.clone());
    std::iter::once(own).chain(wire.aliases.iter().map(literal)).collect()
}

fn literal(name: &LitStr) -> Named {
    (name.value(), name.to_token_stream())
}

/// ```text
/// struct Shopper { sub: String }
/// #[serde(rename = "exp")] expires: u32
/// #[serde(alias = "iat")] issued: u32
/// ```
fn reserved(names: &[Named], errors: &mut Errors) {
    for (name, place) in names.iter().filter(|(name, _)| RESERVED.contains(&name.as_str())) {
        errors.at(
            place,
            format!(
                "`{name}` is a name of the access token's own; choose another, or another \
            `#[serde(rename = \"…\")]`"
            ),
        );
    }
}

/// ```text
/// struct Shopper { _kind: String }
/// ```
fn underscore(names: &[Named], errors: &mut Errors) {
    for (name, place) in names.iter().filter(|(name, _)| name.starts_with('_')) {
        let bare = name.trim_start_matches('_');
        errors.at(place, format!("`{name}`: names that begin with `_` are the library's own; write `{bare}`"));
    }
}

/// ```text
/// #[serde(rename = "")] role: Role
/// ```
fn empty(names: &[Named], errors: &mut Errors) {
    for (_, place) in names.iter().filter(|(name, _)| name.is_empty()) {
        errors.at(place, "a field needs a name of at least one character");
    }
}

/// ```text
/// struct Shopper { role: Role, #[serde(rename = "role")] second: Role }
/// ```
fn duplicates(names: &[Named], what: &str, errors: &mut Errors) {
    for (at, (name, place)) in names.iter().enumerate() {
        if names.iter().take(at).any(|(earlier, _)| earlier == name) {
            errors.at(place, format!("a second {what} has the name `{name}` on the wire"));
        }
    }
}

/// ```text
/// enum Role { Admin, #[serde(alias = "Admin")] Owner }
/// ```
fn duplicate_variants(input: &Input, errors: &mut Errors) {
    let tagged = input.variants().iter().filter(|variant| variant.serde.untagged.is_none());
    if !matches!(input.tagging(), Tagging::Untagged) {
        duplicates(&tagged.flat_map(|variant| names_of(&variant.wire)).collect::<Vec<_>>(), "variant", errors);
    }
}

/// ```text
/// #[serde(rename(serialize = "a", deserialize = "b"))] role: Role
/// #[serde(rename_all(serialize = "camelCase"))] struct Shopper { display_name: String }
/// ```
fn one_way(input: &Input, errors: &mut Errors) {
    let fields = input.fields().filter(|field| field.ident().is_some() && field.serde.flatten.is_none());
    let fields = fields.filter(|field| !field.serde.is_unwritten()).map(|field| &field.wire);
    for wire in fields.chain(input.variants().iter().map(|variant| &variant.wire)) {
        let read_back = wire.written == wire.read || wire.aliases.iter().any(|alias| alias.value() == wire.written);
        if !read_back {
            errors.at(
                &wire.place,
                format!(
                    "this is written as `{}` and read as `{}`, so it could not be read back; \
                use one name, or add `#[serde(alias = \"{}\")]`",
                    wire.written, wire.read, wire.written
                ),
            );
        }
    }
}
