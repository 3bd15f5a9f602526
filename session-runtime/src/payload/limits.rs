//! Limits that only the value can break: `max_len`, `min` and `max`, at any depth.

use serde_json::{Map, Value};

use super::schema::LIMITS;
use super::{Content, Field, Limits, PayloadError, Schema, Tagging, Variant};

/// Compares JSON with the limits in its schema.
///
/// A value of another form than the schema says is let pass here: the bound on the whole still holds.
///
/// # Errors
///
/// [`PayloadError::TooLong`] or [`PayloadError::OutOfRange`], with the way to the field.
pub(super) fn check(schema: &Schema, value: &Value) -> Result<(), PayloadError> {
    if !has_limits(schema) {
        return Ok(());
    }
    visit(schema, value, LIMITS, &Way::Top).breach.map_or(Ok(()), Err)
}

/// Whether a value can be refused at all, so that most payloads are not walked.
pub(super) const fn has_limits(schema: &Schema) -> bool {
    match schema {
        Schema::Limited { .. } | Schema::Text { max_len: Some(_) } => true,
        Schema::Optional { inner } | Schema::Timed { inner } => has_limits(inner),
        Schema::List { item, .. } => has_limits(item),
        Schema::Map { key, value } => has_limits(key) || has_limits(value),
        // Almost always something in there has one; looking costs as much as walking.
        Schema::Tuple { .. } | Schema::Object { .. } | Schema::Enum { .. } => true,
        _ => false,
    }
}

/// What the walk found.
struct Verdict {
    /// Whether the value is one that the schema describes. For `untagged`, another variant is meant if it is not.
    is_of_form: bool,
    /// The first limit that is broken.
    breach: Option<PayloadError>,
}

const FITS: Verdict = Verdict { is_of_form: true, breach: None };
const OTHER_FORM: Verdict = Verdict { is_of_form: false, breach: None };

impl Verdict {
    const fn breach(error: PayloadError) -> Self {
        Self { is_of_form: true, breach: Some(error) }
    }

    fn or_absent(self, field: &Field) -> Self {
        if field.may_be_absent && !self.is_of_form { FITS } else { self }
    }

    fn and(self, other: Self) -> Self {
        Self { is_of_form: self.is_of_form && other.is_of_form, breach: self.breach.or(other.breach) }
    }
}

/// The way to a value, put into words only when it is needed.
enum Way<'a> {
    Top,
    Field(&'a Way<'a>, &'a str),
    Element(&'a Way<'a>, usize),
}

impl Way<'_> {
    fn text(&self) -> String {
        match self {
            Self::Top => String::new(),
            Self::Field(Self::Top, name) => (*name).to_owned(),
            Self::Field(before, name) => format!("{}.{name}", before.text()),
            Self::Element(before, at) => format!("{}[{at}]", before.text()),
        }
    }
}

fn visit(schema: &Schema, value: &Value, limits: Limits, way: &Way<'_>) -> Verdict {
    let inside = match (schema, value) {
        (Schema::Optional { .. }, Value::Null) => return FITS,
        (Schema::Optional { inner }, value) => return visit(inner, value, limits, way),
        (Schema::Limited { inner, limits: own }, value) => return visit(inner, value, own.and(limits), way),
        (Schema::Timed { inner }, Value::Object(object)) => {
            return object.get("v").map_or(OTHER_FORM, |value| visit(inner, value, limits, way));
        }
        (Schema::Integer { .. }, Value::Number(number)) => return range(number, limits, way),
        (Schema::Text { max_len }, Value::String(_)) => {
            return length(value, limits.and(Limits { max_len: *max_len, ..LIMITS }), way);
        }
        (Schema::Null, Value::Null)
        | (Schema::Bool, Value::Bool(_))
        | (Schema::Float, Value::Number(_) | Value::Null) => {
            return FITS;
        }
        (Schema::Any | Schema::Opaque { .. }, _) => FITS,
        (Schema::List { item, .. }, Value::Array(array)) => {
            let elements = array.iter().enumerate();
            all(elements.map(|(at, value)| visit(item, value, limits.of_numbers(), &Way::Element(way, at))))
        }
        (Schema::Tuple { items }, Value::Array(array)) if items.len() == array.len() => {
            let elements = items.iter().zip(array).enumerate();
            all(elements.map(|(at, (item, value))| visit(item, value, limits.of_numbers(), &Way::Element(way, at))))
        }
        (Schema::Map { key, value: inner }, Value::Object(object)) => all(object.iter().map(|(name, value)| {
            let way = &Way::Field(way, name);
            let named = visit(key, &Value::from(name.as_str()), LIMITS, way);
            named.and(visit(inner, value, limits.of_numbers(), way))
        })),
        (Schema::Object { fields, .. }, Value::Object(object)) => visit_fields(fields, object, way),
        (Schema::Enum { tagging, variants, .. }, value) => visit_enum(*tagging, variants, value, way),
        _ => OTHER_FORM,
    };
    inside.and(length(value, limits, way))
}

fn all(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    verdicts.fold(FITS, Verdict::and)
}

fn visit_fields(fields: &[Field], object: &Map<String, Value>, way: &Way<'_>) -> Verdict {
    all(fields.iter().map(|field| match object.get(field.name) {
        // `None` of a flattened `Option` leaves nothing behind.
        _ if field.flatten => visit_flat(field, object, way).or_absent(field),
        Some(value) => visit(field.schema, value, LIMITS, &Way::Field(way, field.name)),
        None => OTHER_FORM.or_absent(field),
    }))
}

fn visit_flat(field: &Field, object: &Map<String, Value>, way: &Way<'_>) -> Verdict {
    match super::names::bare(field.schema) {
        Schema::Object { fields, .. } => visit_fields(fields, object, way),
        Schema::Enum { tagging: Tagging::External, variants, .. } => {
            let named = variants.iter().find(|variant| object.contains_key(variant.name));
            named.map_or(OTHER_FORM, |variant| visit_content(variant, object.get(variant.name), way))
        }
        Schema::Enum { tagging, variants, .. } => match tagging {
            Tagging::Untagged => visit_untagged(*variants, &Value::Object(object.clone()), way),
            _ => visit_tagged(*tagging, variants, object, way),
        },
        _ => OTHER_FORM,
    }
}

fn visit_enum(tagging: Tagging, variants: &[Variant], value: &Value, way: &Way<'_>) -> Verdict {
    let tagged = match (tagging, value) {
        (Tagging::External, Value::String(name)) => {
            let known = variants.iter().any(|variant| variant.name == *name && variant.content == Content::Unit);
            if known { FITS } else { OTHER_FORM }
        }
        (Tagging::External, Value::Object(object)) if object.len() == 1 => {
            let named = variants.iter().find(|variant| object.contains_key(variant.name));
            named.map_or(OTHER_FORM, |variant| visit_content(variant, object.get(variant.name), way))
        }
        (Tagging::Internal { .. } | Tagging::Adjacent { .. }, Value::Object(object)) => {
            visit_tagged(tagging, variants, object, way)
        }
        (Tagging::Untagged, value) => return visit_untagged(variants, value, way),
        _ => OTHER_FORM,
    };
    if tagged.is_of_form {
        return tagged;
    }
    visit_untagged(variants.iter().filter(|variant| variant.untagged), value, way)
}

fn visit_tagged(tagging: Tagging, variants: &[Variant], object: &Map<String, Value>, way: &Way<'_>) -> Verdict {
    let (Tagging::Internal { tag } | Tagging::Adjacent { tag, .. }) = tagging else { return OTHER_FORM };
    let named = variants.iter().find(|variant| object.get(tag).is_some_and(|name| name == variant.name));
    let Some(variant) = named else { return OTHER_FORM };
    match (tagging, variant.content) {
        (Tagging::Adjacent { content, .. }, _) => visit_content(variant, object.get(content), way),
        (_, Content::Fields { fields }) => visit_fields(fields, object, way),
        (_, Content::Newtype { value }) => visit(value, &Value::Object(object.clone()), LIMITS, way),
        (_, Content::Unit | Content::Tuple { .. }) => FITS,
    }
}

/// serde takes the first variant that fits; so does the walk.
fn visit_untagged<'v>(variants: impl IntoIterator<Item = &'v Variant>, value: &Value, way: &Way<'_>) -> Verdict {
    let mut verdicts = variants.into_iter().map(|variant| visit_content(variant, Some(value), way));
    verdicts.find(|verdict| verdict.is_of_form).unwrap_or(OTHER_FORM)
}

fn visit_content(variant: &Variant, value: Option<&Value>, way: &Way<'_>) -> Verdict {
    match (variant.content, value) {
        (Content::Unit, None | Some(Value::Null)) => FITS,
        (Content::Newtype { value: inner }, Some(value)) => visit(inner, value, LIMITS, way),
        (Content::Tuple { items }, Some(value)) => visit(&Schema::Tuple { items }, value, LIMITS, way),
        (Content::Fields { fields }, Some(Value::Object(object))) => visit_fields(fields, object, way),
        _ => OTHER_FORM,
    }
}

/// `max_len` counts what stands between the delimiters.
fn length(value: &Value, limits: Limits, way: &Way<'_>) -> Verdict {
    let Some(max_len) = limits.max_len else { return FITS };
    let len = value.to_string().len().saturating_sub(2);
    if len <= max_len {
        return FITS;
    }
    Verdict::breach(PayloadError::TooLong { field: way.text(), len, max_len })
}

fn range(number: &serde_json::Number, limits: Limits, way: &Way<'_>) -> Verdict {
    let (too_small, too_great) = match (number.as_i128(), number.as_f64()) {
        (Some(value), _) => (limits.min.is_some_and(|min| value < min), limits.max.is_some_and(|max| value > max)),
        // `Value` holds a number beyond 64 bits as a float: only its size matters, and that is far from any limit.
        (None, Some(value)) => (limits.min.is_some() && value < 0.0, limits.max.is_some() && value > 0.0),
        (None, None) => return OTHER_FORM,
    };
    if too_small || too_great {
        return Verdict::breach(PayloadError::OutOfRange { field: way.text() });
    }
    FITS
}
