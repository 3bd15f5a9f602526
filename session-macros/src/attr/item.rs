//! One entry of an attribute: a word, `word = value` or `word(…)`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Ident, Lit, LitInt, LitStr, Meta, Path, Result, Token, Type, TypePath, parenthesized, token};

use crate::errors::{Errors, suggestion};

/// One entry of an attribute.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) word: Ident,
    pub(crate) value: Value,
}

/// What follows the word.
#[derive(Debug)]
pub(crate) enum Value {
    /// Nothing.
    None,
    /// `= literal`, with its sign.
    Lit(Option<Token![-]>, Lit),
    /// `= path` or `= Type`.
    Type(Box<Type>),
    /// `(…)`
    List(TokenStream),
}

/// A number in an attribute: a literal, or the path of a constant that the compiler will read.
#[derive(Debug, Clone)]
pub(crate) enum Bound {
    /// A literal, with its sign.
    Literal(Option<Token![-]>, LitInt),
    /// A constant.
    Constant(Path),
}

impl Bound {
    /// The value where it is written out.
    pub(crate) fn known(&self) -> Option<i128> {
        match self {
            Self::Literal(sign, literal) => {
                let value: i128 = literal.base10_parse().ok()?;
                Some(if sign.is_some() { -value } else { value })
            }
            Self::Constant(_) => None,
        }
    }
}

impl ToTokens for Bound {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Literal(sign, literal) => tokens.extend(quote!(#sign #literal)),
            Self::Constant(path) => tokens.extend(quote!(#path)),
        }
    }
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let word = input.call(Ident::parse_any)?;
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            parse_value(input)?
        } else if input.peek(token::Paren) {
            let content;
            parenthesized!(content in input);
            Value::List(content.parse()?)
        } else {
            Value::None
        };
        Ok(Self { word, value })
    }
}

fn parse_value(input: ParseStream<'_>) -> Result<Value> {
    if input.is_empty() || input.peek(Token![,]) {
        return Err(input.error("expected a value after `=`"));
    }
    if input.peek(Token![-]) || input.peek(Lit) {
        return Ok(Value::Lit(input.parse()?, input.parse()?));
    }
    input.parse().map(|ty| Value::Type(Box::new(ty)))
}

/// The path, where a value reads as one.
fn as_path(ty: &Type) -> Option<&Path> {
    match ty {
        Type::Path(TypePath { qself: None, path, .. }) => Some(path),
        _ => None,
    }
}

impl Item {
    /// The entries of an attribute of ours; `#[word]` alone and what cannot be read is reported.
    pub(crate) fn read(attribute: &Attribute, errors: &mut Errors) -> Vec<Self> {
        let parsed = match &attribute.meta {
            Meta::List(list) => Punctuated::<Self, Token![,]>::parse_terminated.parse2(list.tokens.clone()),
            other => {
                let name = other.path().to_token_stream();
                Err(syn::Error::new_spanned(other, format!("expected `#[{name}(…)]`")))
            }
        };
        parsed.map(|items| items.into_iter().collect()).unwrap_or_else(|error| {
            errors.add(error);
            Vec::new()
        })
    }

    /// The word as text.
    pub(crate) fn name(&self) -> String {
        crate::tokens::text(&self.word)
    }

    /// Reports a word that the attribute does not know, with the words it does know.
    pub(crate) fn unknown(&self, attribute: &str, valid: &[&str], errors: &mut Errors) {
        let name = self.name();
        let hint = suggestion(&name, valid);
        let list = valid.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        errors.at(&self.word, format!("unknown word `{name}` in `#[{attribute}(…)]`{hint} (it knows {list})"));
    }

    /// Reports a second use of a word and says whether it was one.
    pub(crate) fn repeated<T>(&self, slot: &Option<T>, errors: &mut Errors) -> bool {
        if slot.is_some() {
            errors.at(&self.word, format!("`{}` is given twice", self.name()));
        }
        slot.is_some()
    }

    /// The string after `=`.
    pub(crate) fn string(&self, errors: &mut Errors) -> Option<LitStr> {
        if let Value::Lit(None, Lit::Str(text)) = &self.value {
            return Some(text.clone());
        }
        self.expected("a string", &format!("{} = \"…\"", self.name()), errors)
    }

    /// A sentence after `=`: the word asks for a reason, so an empty one is refused.
    pub(crate) fn reason(&self, errors: &mut Errors) -> Option<LitStr> {
        let text = self.string(errors)?;
        if text.value().trim().is_empty() {
            errors.at(&text, format!("`{}` wants a reason, for the next reader of this line", self.name()));
        }
        Some(text)
    }

    /// The whole number, or the constant, after `=`.
    pub(crate) fn number(&self, errors: &mut Errors) -> Option<Bound> {
        match &self.value {
            Value::Lit(sign, Lit::Int(literal)) => Some(Bound::Literal(*sign, literal.clone())),
            Value::Type(ty) if as_path(ty).is_some() => as_path(ty).cloned().map(Bound::Constant),
            _ => self.expected("a whole number or a constant", &format!("{} = 64", self.name()), errors),
        }
    }

    /// The path after `=`.
    pub(crate) fn path(&self, errors: &mut Errors) -> Option<Path> {
        match &self.value {
            Value::Type(ty) if as_path(ty).is_some() => as_path(ty).cloned(),
            _ => self.expected("a path", &format!("{} = some_path", self.name()), errors),
        }
    }

    /// The single identifier after `=`.
    pub(crate) fn ident(&self, errors: &mut Errors) -> Option<Ident> {
        if let Value::Type(ty) = &self.value
            && let Some(ident) = as_path(ty).and_then(Path::get_ident)
        {
            return Some(ident.clone());
        }
        self.expected("a name", &format!("{} = Name", self.name()), errors)
    }

    /// One of these words after `=`.
    pub(crate) fn choice(&self, valid: &[&str], errors: &mut Errors) -> Option<Ident> {
        let list = valid.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        let Value::Type(ty) = &self.value else {
            let example = format!("{} = {}", self.name(), valid.first().unwrap_or(&"…"));
            return self.expected(&format!("a word, one of {list}"), &example, errors);
        };
        let chosen = as_path(ty).and_then(Path::get_ident);
        let known = chosen.filter(|chosen| valid.iter().any(|word| chosen == word));
        if known.is_none() {
            let word = crate::tokens::type_text(ty);
            let hint = suggestion(&word, valid);
            errors.at(ty, format!("unknown choice `{word}`{hint} (`{}` knows {list})", self.name()));
        }
        known.cloned()
    }

    /// The type after `=` or in parentheses.
    pub(crate) fn ty(&self, example: &str, errors: &mut Errors) -> Option<Type> {
        match &self.value {
            Value::Type(ty) => Some((**ty).clone()),
            Value::List(tokens) => match syn::parse2(tokens.clone()) {
                Ok(ty) => Some(ty),
                Err(_) => self.expected("one type", example, errors),
            },
            _ => self.expected("a type", example, errors),
        }
    }

    /// The paths in parentheses.
    pub(crate) fn paths(&self, example: &str, errors: &mut Errors) -> Vec<Path> {
        let Value::List(tokens) = &self.value else {
            return self.expected("a list", example, errors).unwrap_or_default();
        };
        match Punctuated::<Path, Token![,]>::parse_terminated.parse2(tokens.clone()) {
            Ok(paths) => paths.into_iter().collect(),
            Err(_) => self.expected("a list", example, errors).unwrap_or_default(),
        }
    }

    /// The word stands alone, as it must; what follows it is reported.
    pub(crate) fn flag(&self, errors: &mut Errors) -> Option<()> {
        match self.value {
            Value::None => Some(()),
            _ => self.expected("nothing after it", &self.name(), errors),
        }
    }

    fn expected<T>(&self, what: &str, example: &str, errors: &mut Errors) -> Option<T> {
        errors.at(&self.word, format!("`{}` wants {what}: `{example}`", self.name()));
        None
    }
}
