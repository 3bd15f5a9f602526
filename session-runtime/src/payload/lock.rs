//! The schema lock: a checked-in file per type, so that a change of what is stored shows up in a review.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

use super::{Content, Field, Limits, Schema, Tagging, Variant};

/// Compares the JSON form of a type with a file beside the manifest: for a test in your crate.
///
/// The first run writes the file; check it in. When the form has changed, the test fails and shows both; after
/// `UPDATE_SCHEMAS=1 cargo test` the file has the new one, and the review sees the difference.
///
/// ```no_run
/// use serde::{Deserialize, Serialize};
/// use session_runtime::{AccessTokenPayload, SessionData, assert_schema_unchanged};
///
/// #[derive(Serialize, Deserialize, AccessTokenPayload)]
/// struct Shopper {
///     level: u8,
/// }
///
/// #[derive(Default, Serialize, Deserialize, SessionData)]
/// struct Cart {
///     items: Vec<u32>,
/// }
///
/// // #[test]
/// fn stored_forms_change_on_purpose_only() {
///     assert_schema_unchanged!(payload Shopper, "schemas/shopper.txt");
///     assert_schema_unchanged!(data Cart, "schemas/cart.txt");
/// }
/// # stored_forms_change_on_purpose_only();
/// ```
///
/// # Panics
///
/// When the form is another than the file's, or the file cannot be read or written.
#[macro_export]
macro_rules! assert_schema_unchanged {
    (payload $ty:ty, $file:expr $(,)?) => {
        $crate::__private::assert_schema_unchanged(
            env!("CARGO_MANIFEST_DIR"),
            $file,
            <$ty as $crate::AccessTokenPayload>::KIND,
            <$ty as $crate::AccessTokenPayload>::VERSION,
            <$ty as $crate::ClaimValue>::SCHEMA,
        )
    };
    (data $ty:ty, $file:expr $(,)?) => {
        $crate::__private::assert_schema_unchanged(
            env!("CARGO_MANIFEST_DIR"),
            $file,
            <$ty as $crate::SessionData>::KIND,
            <$ty as $crate::SessionData>::VERSION,
            <$ty as $crate::SessionData>::SCHEMA,
        )
    };
}

/// The work of the macro.
#[track_caller]
pub fn assert_schema_unchanged(manifest: &str, file: &str, kind: &str, version: u32, schema: &Schema) {
    let path = Path::new(manifest).join(file);
    let today = render(kind, version, schema);
    let wants_update = env::var_os("UPDATE_SCHEMAS").is_some_and(|value| value != "0");
    let Some(before) = fs::read_to_string(&path).ok().filter(|_| !wants_update) else {
        return write_file(&path, &today);
    };
    // A checkout may have turned the line ends.
    if before.replace('\r', "") != today {
        panic!(
            "the stored form of `{kind}` has changed: older sessions may not be readable.\n\
             If they are, write it down: UPDATE_SCHEMAS=1 cargo test\n\
             Else raise the version and add `from(…)`.\n\n{}\n--- before\n{before}--- today\n{today}",
            path.display()
        );
    }
}

#[track_caller]
fn write_file(path: &Path, text: &str) {
    let folder = path.parent().unwrap_or(path);
    if let Err(error) = fs::create_dir_all(folder).and_then(|()| fs::write(path, text)) {
        panic!("{} cannot be written: {error}", path.display());
    }
}

/// The form as text, one field a line. Limits are part of it, names of Rust types are not: renaming a type changes nothing.
fn render(kind: &str, version: u32, schema: &Schema) -> String {
    let mut text = format!("kind {kind}, version {version}\n");
    line(&mut text, 0, schema);
    text.push('\n');
    text
}

fn line(text: &mut String, depth: usize, schema: &Schema) {
    match schema {
        Schema::Null => text.push_str("null"),
        Schema::Bool => text.push_str("bool"),
        Schema::Integer { min, max } => put(text, format_args!("integer {min}..={max}")),
        Schema::Float => text.push_str("float"),
        Schema::Text { max_len: None } => text.push_str("text"),
        Schema::Text { max_len: Some(len) } => put(text, format_args!("text of {len} bytes")),
        Schema::Any => text.push_str("anything"),
        Schema::Opaque { name } => put(text, format_args!("`{name}`")),
        Schema::Optional { inner } => around(text, "optional ", depth, inner),
        Schema::Timed { inner } => around(text, "claim of ", depth, inner),
        Schema::List { item, len: None } => around(text, "list of ", depth, item),
        Schema::List { item, len: Some(len) } => around(text, &format!("{len} of "), depth, item),
        Schema::Map { value, .. } => around(text, "map to ", depth, value),
        Schema::Tuple { items } => tuple(text, depth, items),
        Schema::Object { fields, .. } => object(text, depth, fields),
        Schema::Enum { tagging, variants, .. } => enumeration(text, depth, *tagging, variants),
        Schema::Limited { inner, limits } => {
            line(text, depth, inner);
            limited(text, *limits);
        }
    }
}

fn around(text: &mut String, word: &str, depth: usize, inner: &Schema) {
    text.push_str(word);
    line(text, depth, inner);
}

fn tuple(text: &mut String, depth: usize, items: &[&Schema]) {
    text.push('(');
    for (at, item) in items.iter().enumerate() {
        text.push_str(if at == 0 { "" } else { ", " });
        line(text, depth, item);
    }
    text.push(')');
}

fn object(text: &mut String, depth: usize, fields: &[Field]) {
    text.push('{');
    for field in fields {
        new_line(text, depth + 1);
        let optional = if field.may_be_absent { "?" } else { "" };
        let flat = if field.flatten { "flatten " } else { "" };
        put(text, format_args!("{flat}{}{optional}: ", field.name));
        line(text, depth + 1, field.schema);
        aliases(text, field.aliases);
    }
    new_line(text, depth);
    text.push('}');
}

fn enumeration(text: &mut String, depth: usize, tagging: Tagging, variants: &[Variant]) {
    match tagging {
        Tagging::External => text.push_str("one of"),
        Tagging::Internal { tag } => put(text, format_args!("one of, by `{tag}`")),
        Tagging::Adjacent { tag, content } => put(text, format_args!("one of, by `{tag}`, in `{content}`")),
        Tagging::Untagged => text.push_str("one of, without a tag"),
    }
    for variant in variants {
        new_line(text, depth + 1);
        put(text, format_args!("{} ", variant.name));
        match variant.content {
            Content::Unit => text.push('-'),
            Content::Newtype { value } => line(text, depth + 1, value),
            Content::Tuple { items } => tuple(text, depth + 1, items),
            Content::Fields { fields } => object(text, depth + 1, fields),
        }
        aliases(text, variant.aliases);
    }
}

fn aliases(text: &mut String, names: &[&str]) {
    for name in names {
        put(text, format_args!(" | {name}"));
    }
}

fn limited(text: &mut String, limits: Limits) {
    let Limits { max_len, min, max } = limits;
    max_len.into_iter().for_each(|len| put(text, format_args!(", at most {len} bytes")));
    min.into_iter().for_each(|min| put(text, format_args!(", at least {min}")));
    max.into_iter().for_each(|max| put(text, format_args!(", at most {max}")));
}

fn new_line(text: &mut String, depth: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n("  ", depth));
}

fn put(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a `String` cannot fail.
    let _ = text.write_fmt(arguments);
}
