//! What the store keeps beside a session.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::access::Nothing;
use super::{DataField, PayloadError, Schema, Unreadable};

/// What the store keeps beside a session. It never leaves the server, and may hold [`Secret`](crate::Secret)s.
///
/// Derive it. A session that is created without data has the type's `Default`.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use session_runtime::{Secret, SessionData};
///
/// #[derive(Default, Serialize, Deserialize, SessionData)]
/// struct Cart {
///     items: Vec<String>,
///     payment_token: Option<Secret<String>>,
/// }
///
/// assert_eq!((Cart::KIND, Cart::VERSION), ("cart", 1));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no session data",
    label = "expected a type that derives `SessionData`",
    note = "derive it: `#[derive(Default, Serialize, Deserialize, SessionData)]`, or use `NoData`",
    note = "in `Session<P, D>` the payload comes first and the session data second"
)]
pub trait SessionData: Serialize + DeserializeOwned + Default + Send + Sync + 'static {
    /// The name of the type in the store. It outlives renaming the Rust type, if it is given with `kind = "…"`.
    const KIND: &'static str;

    /// Which version of the type writes today's data; from 1.
    const VERSION: u32 = 1;

    /// The JSON form, as far as the field types have declared theirs.
    const SCHEMA: &'static Schema;

    /// What becomes of a session whose stored data cannot be read any more.
    const UNREADABLE: Unreadable = Unreadable::Refuse;

    /// The fields that [`edit_data`](crate::Session::edit_data) merges one by one. The derive makes the list; without one the
    /// whole value is merged as one field that has no rule.
    const FIELDS: &'static [DataField<Self>] = &[];

    /// Reads the JSON of an older version.
    ///
    /// # Errors
    ///
    /// [`PayloadError::NoPath`] unless the derive was told of a predecessor with `from(…)` or `compatible_with = …`.
    fn from_older(version: u32, json: &str) -> Result<Self, PayloadError> {
        let _ = json;
        Err(PayloadError::NoPath { kind: Self::KIND, found: version, current: Self::VERSION })
    }
}

/// The data of sessions that need none: `{}`.
///
/// ```
/// use session_runtime::{NoData, SessionData};
///
/// assert_eq!(NoData::KIND, "none");
/// assert_eq!(serde_json::to_string(&NoData)?, "{}");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Nothing", into = "Nothing")]
pub struct NoData;

impl SessionData for NoData {
    const KIND: &'static str = "none";
    const SCHEMA: &'static Schema = &Schema::Object { name: "NoData", fields: &[] };
}

impl From<Nothing> for NoData {
    fn from(_: Nothing) -> Self {
        Self
    }
}

impl From<NoData> for Nothing {
    fn from(_: NoData) -> Self {
        Self {}
    }
}
