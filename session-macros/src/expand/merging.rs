//! The list of fields that are merged one by one, with their rules.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

use crate::attr::Rule;
use crate::input::{Field, Input};
use crate::tokens;

/// `FIELDS`; nothing where the value is merged as a whole.
pub(super) fn fields(input: &Input) -> TokenStream {
    let Some(fields) = input.merged_fields() else { return TokenStream::new() };
    let fields = fields.filter_map(field);
    quote!(const FIELDS: &'static [__session::DataField<Self>] = &[#(#fields,)*];)
}

fn field(field: &Field) -> Option<TokenStream> {
    let ident = field.ident()?;
    let swap = quote!(|mine, theirs| __session::swap(&mut mine.#ident, &mut theirs.#ident));
    if field.serde.flatten.is_some() {
        return Some(quote!(__session::DataField::<Self>::rest(#swap)));
    }
    let name = &field.wire.written;
    let rule = rule(field);
    Some(quote!(__session::DataField::<Self>::new(#name, #swap) #rule))
}

/// The rule stands under the type's tokens, so that a type it does not fit is reported there.
fn rule(field: &Field) -> Option<TokenStream> {
    let (merge, ident, ty) = (field.merge.as_ref()?, field.ident()?, &field.ty);
    let span = tokens::span_of(tokens::ungrouped(ty)).resolved_at(Span::mixed_site());
    let function = match merge.rule {
        Rule::Last => return Some(quote!(.last())),
        Rule::Add => quote_spanned!(span=> <#ty as __session::Counter>::add),
        Rule::Append => quote_spanned!(span=> <#ty as __session::Sequence>::append),
        Rule::Union => quote_spanned!(span=> <#ty as __session::Collection>::union),
        Rule::Max => quote_spanned!(span=> __session::greatest::<#ty>),
        Rule::Min => quote_spanned!(span=> __session::least::<#ty>),
    };
    Some(quote! {
        .merged(|base, mine, theirs| {
            __session::settle::<#ty>(#function, &base.#ident, &mine.#ident, &mut theirs.#ident)
        })
    })
}
