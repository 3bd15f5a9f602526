//! The ways from older versions, which generated code names.

use std::cmp::Ordering;

use super::codec::{from_text, stored_text};
use super::compat::change;
use super::message::{Message, same};
use super::{AccessTokenPayload, PayloadError, SessionData};

/// `from(Old)`: the older type reads its own JSON, or its predecessors', and its value is converted.
///
/// # Errors
///
/// When there is no way, or the JSON does not fit.
pub fn data_from<Old: SessionData, New: SessionData + From<Old>>(
    version: u32,
    json: &str,
) -> Result<New, PayloadError> {
    older_data::<Old>(New::VERSION, version, json).map(New::from)
}

/// `compatible_with = Old`: the newer type reads the older one's JSON as it is.
///
/// # Errors
///
/// When there is no way, or the JSON does not fit.
pub fn data_like<Old: SessionData, New: SessionData>(version: u32, json: &str) -> Result<New, PayloadError> {
    if version == Old::VERSION {
        return from_text(New::KIND, json);
    }
    let old = older_data::<Old>(New::VERSION, version, json)?;
    from_text(New::KIND, &stored_text(Old::KIND, &old)?)
}

fn older_data<Old: SessionData>(current: u32, version: u32, json: &str) -> Result<Old, PayloadError> {
    match version.cmp(&Old::VERSION) {
        Ordering::Less => Old::from_older(version, json).map_err(|error| error.towards(current)),
        Ordering::Equal => from_text(Old::KIND, json),
        Ordering::Greater => Err(PayloadError::NoPath { kind: Old::KIND, found: version, current }),
    }
}

/// As [`data_from`], for payloads.
///
/// # Errors
///
/// When there is no way, or the JSON does not fit.
pub fn payload_from<Old: AccessTokenPayload, New: AccessTokenPayload + From<Old>>(
    version: u32,
    json: &str,
) -> Result<New, PayloadError> {
    older_payload::<Old>(New::VERSION, version, json).map(New::from)
}

/// As [`data_like`], for payloads.
///
/// # Errors
///
/// When there is no way, or the JSON does not fit.
pub fn payload_like<Old: AccessTokenPayload, New: AccessTokenPayload>(
    version: u32,
    json: &str,
) -> Result<New, PayloadError> {
    if version == Old::VERSION {
        return from_text(New::KIND, json);
    }
    let old = older_payload::<Old>(New::VERSION, version, json)?;
    let text = serde_json::to_string(&old).map_err(|_| PayloadError::Unencodable { kind: Old::KIND })?;
    from_text(New::KIND, &text)
}

fn older_payload<Old: AccessTokenPayload>(current: u32, version: u32, json: &str) -> Result<Old, PayloadError> {
    match version.cmp(&Old::VERSION) {
        Ordering::Less => Old::from_older(version, json).map_err(|error| error.towards(current)),
        Ordering::Equal => from_text(Old::KIND, json),
        Ordering::Greater => Err(PayloadError::NoPath { kind: Old::KIND, found: version, current }),
    }
}

/// What the compiler can say about `from(Old)` for session data.
#[track_caller]
pub const fn check_data_from<Old: SessionData, New: SessionData>() {
    same_kind(Old::KIND, New::KIND);
    older(Old::VERSION, New::VERSION);
}

/// As [`check_data_from`], for payloads.
#[track_caller]
pub const fn check_payload_from<Old: AccessTokenPayload, New: AccessTokenPayload>() {
    same_kind(Old::KIND, New::KIND);
    older(Old::VERSION, New::VERSION);
}

/// What the compiler can say about `compatible_with = Old` for session data.
#[track_caller]
pub const fn check_data_like<Old: SessionData, New: SessionData>() {
    same_kind(Old::KIND, New::KIND);
    not_newer(Old::VERSION, New::VERSION);
    if let Some(change) = change(Old::SCHEMA, New::SCHEMA, "the whole") {
        change.refuse();
    }
}

/// As [`check_data_like`], for payloads.
#[track_caller]
pub const fn check_payload_like<Old: AccessTokenPayload, New: AccessTokenPayload>() {
    same_kind(Old::KIND, New::KIND);
    not_newer(Old::VERSION, New::VERSION);
    if let Some(change) = change(Old::SCHEMA, New::SCHEMA, "the whole") {
        change.refuse();
    }
}

/// What is stored carries the kind, so a predecessor of another kind would never be asked.
#[track_caller]
const fn same_kind(old: &str, new: &str) {
    if !same(old, new) {
        Message::new("the older type is of kind ")
            .name(old)
            .text(" and this one of kind ")
            .name(new)
            .text(", so it would never be asked: give both the same `kind = \"…\"`")
            .refuse();
    }
}

#[track_caller]
const fn older(old: u32, new: u32) {
    if old >= new {
        Message::new("the older type has version ")
            .number(old as u128)
            .text(" and this one version ")
            .number(new as u128)
            .text("; `from` leads from a lower version to a higher one")
            .refuse();
    }
}

#[track_caller]
const fn not_newer(old: u32, new: u32) {
    if old > new {
        Message::new("the older type has version ")
            .number(old as u128)
            .text(", which is newer than this one's ")
            .number(new as u128)
            .refuse();
    }
}
