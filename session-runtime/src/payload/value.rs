//! What may stand in a payload.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Schema;
use crate::claims::{Claim, Reading};

/// A value that may stand in an access token payload, where everybody who holds the token can read it.
///
/// Derive it for enums, structs and newtypes of your own. It is implemented for `bool`, numbers, `char`, `String`, `Option`,
/// sequences, sets, arrays, tuples, string-keyed maps, [`Claim`], the library's own identifiers and `uuid::Uuid`; with the features
/// `chrono` and `time` for the times of those crates. Nothing else is one, so nothing enters a payload unless
/// somebody has said that it may: [`Secret`](crate::Secret) never does.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use session_runtime::ClaimValue;
///
/// #[derive(Serialize, Deserialize, ClaimValue)]
/// enum Role {
///     Customer,
///     Admin,
/// }
///
/// assert_eq!(Role::MAX_ENCODED_LEN, Some(r#""Customer""#.len()));
/// ```
///
/// # Example: by hand
///
/// For a type with a `Serialize` of its own, state the form that it writes. The runtime checks each payload against it when
/// it mints a token, so a wrong bound is an error and never a cookie that the browser drops.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use session_runtime::ClaimValue;
/// use session_runtime::payload::{Plain, Schema};
///
/// #[derive(Serialize, Deserialize)]
/// #[serde(transparent)]
/// struct Country(String);
///
/// impl ClaimValue for Country {
///     type Form = Plain;
///     const SCHEMA: &'static Schema = &Schema::Text { max_len: Some(2) };
/// }
///
/// assert_eq!(Country::MAX_ENCODED_LEN, Some(4));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` may not stand in an access token payload",
    label = "this type has not declared that everybody may read it",
    note = "if the browser may see it: `#[derive(Serialize, Deserialize, ClaimValue)]` on the type",
    note = "if it may not, as with every `Secret<_>`: keep it in a struct that derives `SessionData`"
)]
pub trait ClaimValue: Serialize + DeserializeOwned {
    /// How keys and guards read the value: [`Plain`] for every type of one's own.
    type Form: Form<Self>;

    /// The JSON form.
    const SCHEMA: &'static Schema;

    /// The longest JSON of any value, in bytes; `None` when nothing bounds it.
    const MAX_ENCODED_LEN: Option<usize> = Self::SCHEMA.max_encoded_len();
}

/// How keys and guards read a field: what the value is, and when it was fetched.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not how a `{F}` is read",
    note = "write `type Form = session_runtime::payload::Plain;` in your `ClaimValue`"
)]
pub trait Form<F: ?Sized> {
    /// What a guard compares.
    type Value;

    /// The value in the field, if there is one.
    fn read(field: &F) -> Reading<'_, Self::Value>;
}

/// A form that knows when the value was fetched.
#[diagnostic::on_unimplemented(
    message = "this field does not know when its value was fetched",
    label = "an age can be asked of a `Claim<_>` only",
    note = "declare the field as `Claim<_>` instead"
)]
pub trait Dated {}

/// The value itself, always there.
#[derive(Debug)]
pub enum Plain {}

/// A [`Claim`]: the value inside, with its time.
#[derive(Debug)]
pub enum Timed {}

/// An `Option` around another form: no value when it is `None`.
#[derive(Debug)]
pub enum Maybe<Inner> {
    /// Never made; it holds the parameter.
    #[doc(hidden)]
    Never(std::convert::Infallible, std::marker::PhantomData<Inner>),
}

/// What a guard compares a field of type `F` with: `bool` for `bool`, `Claim<bool>` and `Option<Claim<bool>>`.
pub type ValueOf<F> = <<F as ClaimValue>::Form as Form<F>>::Value;

impl<F> Form<F> for Plain {
    type Value = F;

    fn read(field: &F) -> Reading<'_, F> {
        Reading { value: Some(field), fetched_at: None }
    }
}

impl<T> Form<Claim<T>> for Timed {
    type Value = T;

    fn read(field: &Claim<T>) -> Reading<'_, T> {
        Reading { value: Some(field.value()), fetched_at: Some(field.fetched_at()) }
    }
}

impl<F: ClaimValue> Form<Option<F>> for Maybe<F::Form> {
    type Value = ValueOf<F>;

    fn read(field: &Option<F>) -> Reading<'_, Self::Value> {
        field.as_ref().map_or(Reading { value: None, fetched_at: None }, F::Form::read)
    }
}

impl Dated for Timed {}
impl<Inner: Dated> Dated for Maybe<Inner> {}
