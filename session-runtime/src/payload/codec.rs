//! Payloads and session data to JSON and back. The other rooms see text only.

use std::cmp::Ordering;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

#[cfg(feature = "testing")]
use super::Members;
use super::{AccessTokenPayload, PayloadError, SessionData, compact, limits, names, shape, size};
use crate::secret;

/// The payload as the compact text of a JSON object.
///
/// # Errors
///
/// The errors of writing in [`PayloadError`].
pub(crate) fn encode_payload<P: AccessTokenPayload>(payload: &P) -> Result<String, PayloadError> {
    const { size::check_encoded::<P>() };
    let kind = P::KIND;
    let text = serde_json::to_string(payload).map_err(|_| PayloadError::Unencodable { kind })?;
    let limit = [P::MAX_ENCODED_LEN, P::MAX_BYTES].into_iter().flatten().min();
    let value: Value = serde_json::from_str(&text).map_err(|_| PayloadError::Unencodable { kind })?;
    limits::check(P::SCHEMA, &value)?;
    let Value::Object(object) = value else { return Err(PayloadError::NotAnObject { kind }) };
    if let Some(name) = object.keys().find(|name| names::is_reserved(name)) {
        return Err(PayloadError::ReservedName { kind, name: name.clone() });
    }
    match limit {
        Some(limit) if text.len() > limit => Err(PayloadError::TooLarge { kind, len: text.len(), limit }),
        _ => Ok(text),
    }
}

/// The payload of a token or row that was written as `kind` in `version`.
///
/// # Errors
///
/// The errors of reading in [`PayloadError`].
pub(crate) fn decode_payload<P: AccessTokenPayload>(kind: &str, version: u32, json: &str) -> Result<P, PayloadError> {
    same_kind(P::KIND, kind)?;
    match version.cmp(&P::VERSION) {
        Ordering::Less => P::from_older(version, json),
        Ordering::Equal => from_own::<P>(json),
        Ordering::Greater => Err(PayloadError::NewerVersion { kind: P::KIND, found: version, newest: P::VERSION }),
    }
}

/// As [`decode_payload`], straight from the token, for those who measure what reading it costs at least.
///
/// # Errors
///
/// As [`decode_payload`].
#[cfg(feature = "testing")]
pub(crate) fn decode_members<P: AccessTokenPayload>(
    kind: &str,
    version: u32,
    members: Members<'_>,
) -> Result<P, PayloadError> {
    if kind == P::KIND
        && version == P::VERSION
        && let Some(payload) = members.read(const { compact::in_order(P::SCHEMA) })
    {
        return Ok(payload);
    }
    decode_payload(kind, version, &members.to_object())
}

/// The data as the compact text of a JSON object, secrets included: for the store and nothing else.
///
/// # Errors
///
/// The errors of writing in [`PayloadError`].
pub(crate) fn encode_data<D: SessionData>(data: &D) -> Result<String, PayloadError> {
    const { shape::check_data::<D>() };
    let text = stored_text(D::KIND, data)?;
    if text.starts_with('{') { Ok(text) } else { Err(PayloadError::NotAnObject { kind: D::KIND }) }
}

/// The data of a row that was written as `kind` in `version`.
///
/// # Errors
///
/// The errors of reading in [`PayloadError`].
pub(crate) fn decode_data<D: SessionData>(kind: &str, version: u32, json: &str) -> Result<D, PayloadError> {
    same_kind(D::KIND, kind)?;
    match version.cmp(&D::VERSION) {
        Ordering::Less => D::from_older(version, json),
        Ordering::Equal => from_text(D::KIND, json),
        Ordering::Greater => Err(PayloadError::NewerVersion { kind: D::KIND, found: version, newest: D::VERSION }),
    }
}

fn same_kind(expected: &'static str, found: &str) -> Result<(), PayloadError> {
    if found == expected { Ok(()) } else { Err(PayloadError::WrongKind { expected, found: found.to_owned() }) }
}

/// The text that the store keeps.
pub(super) fn stored_text(kind: &'static str, data: &impl Serialize) -> Result<String, PayloadError> {
    secret::while_storing(|| serde_json::to_string(data)).map_err(|_| PayloadError::Unencodable { kind })
}

/// As [`from_text`], of what this version of the type has written, most likely.
fn from_own<P: AccessTokenPayload>(json: &str) -> Result<P, PayloadError> {
    compact::read(json, const { compact::in_order(P::SCHEMA) }).map_or_else(|| from_text(P::KIND, json), Ok)
}

pub(super) fn from_text<T: DeserializeOwned>(kind: &'static str, json: &str) -> Result<T, PayloadError> {
    serde_json::from_str(json).map_err(|error| PayloadError::undecodable(kind, &error))
}
