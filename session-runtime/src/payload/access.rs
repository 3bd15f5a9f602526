//! The payload of an access token.

use serde::{Deserialize, Serialize};

use super::{ClaimValue, PayloadError, Plain, Schema, Unreadable};

/// What an access token says besides the library's own claims. It is signed, not encrypted: everybody who holds it can read it.
///
/// Derive it. The derive refuses, when it compiles, names that are [reserved](super::RESERVED_NAMES), fields whose type is no
/// [`ClaimValue`], fields that sound like secrets, and payloads that could outgrow a cookie.
///
/// The [`KIND`](Self::KIND) is written into each token, so that a token minted for one payload type is refused for another,
/// even where the fields would fit.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no access token payload",
    label = "expected a type that derives `AccessTokenPayload`",
    note = "derive it: `#[derive(Serialize, Deserialize, AccessTokenPayload)]`, or use `NoPayload`",
    note = "in `Session<P, D>` the payload comes first and the session data second"
)]
pub trait AccessTokenPayload: ClaimValue + Send + Sync + 'static {
    /// The name of the type on the wire. It outlives renaming the Rust type, if it is given with `kind = "…"`.
    const KIND: &'static str;

    /// Which version of the type writes today's payloads; from 1.
    const VERSION: u32 = 1;

    /// The most bytes of JSON that `#[access_token(max_bytes = …)]` allows.
    const MAX_BYTES: Option<usize> = None;

    /// Whether the token has to fit a cookie.
    const TRAVELS: Travels = Travels::InCookies;

    /// What becomes of a session whose stored payload cannot be read any more.
    const UNREADABLE: Unreadable = Unreadable::Refuse;

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

/// How the access token of a payload reaches the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Travels {
    /// In a cookie, or in a header: it must fit the 4,096 bytes of a cookie.
    InCookies,
    /// In a header only: `#[access_token(header_only)]`.
    HeaderOnly,
}

/// The payload of sessions that need none: `{}`.
///
/// ```
/// use session_runtime::{AccessTokenPayload, NoPayload};
///
/// assert_eq!(NoPayload::KIND, "none");
/// assert_eq!(serde_json::to_string(&NoPayload)?, "{}");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Nothing", into = "Nothing")]
pub struct NoPayload;

impl ClaimValue for NoPayload {
    type Form = Plain;
    const SCHEMA: &'static Schema = &Schema::Object { name: "NoPayload", fields: &[] };
}

impl AccessTokenPayload for NoPayload {
    const KIND: &'static str = "none";
}

/// The wire form of the empty types: an object, where a unit struct would be `null`.
#[derive(Serialize, Deserialize)]
pub(super) struct Nothing {}

impl From<Nothing> for NoPayload {
    fn from(_: Nothing) -> Self {
        Self
    }
}

impl From<NoPayload> for Nothing {
    fn from(_: NoPayload) -> Self {
        Self {}
    }
}
