//! What happened to sessions, for the log (ASVS 16.3.1). Handles and user ids only: a token is never in an event.

use std::error::Error;

use super::rotation::{Decision, ReuseClass};
use crate::error::Cause;
use crate::id::{Generation, SessionHandle};
use crate::reason::RevocationReason;
use crate::store::SessionRow;
use crate::token::access::AccessClaims;

pub(super) fn created(claims: &AccessClaims) {
    tracing::info!(session_handle = %claims.handle, user_id = %claims.user_id, tenant = %claims.tenant, "session created");
}

pub(super) fn refreshed(row: &SessionRow, decision: Decision) {
    let (session_handle, user_id) = (row.handle, &row.user_id);
    match decision {
        Decision::Rotate { next } => {
            tracing::debug!(%session_handle, %user_id, generation = next.number(), "session refreshed");
        }
        Decision::Repeat => {
            tracing::debug!(%session_handle, %user_id, generation = row.generation.number(), "refresh repeated within the grace");
        }
        Decision::Recover => {
            tracing::info!(%session_handle, %user_id, generation = row.generation.number(), "refresh recovered: its response was lost");
        }
        Decision::FastForward { next } => {
            tracing::warn!(%session_handle, %user_id, generation = next.number(), "session moved forward: the database lost a rotation");
        }
        Decision::Reused(_) | Decision::Expired => {}
    }
}

pub(super) fn reused(row: &SessionRow, presented: Generation, class: ReuseClass) {
    tracing::warn!(
        session_handle = %row.handle,
        user_id = %row.user_id,
        tenant = %row.tenant,
        class = class.as_str(),
        presented = presented.number(),
        generation = row.generation.number(),
        "refresh token reused: session revoked"
    );
}

pub(super) fn revoked(handle: SessionHandle, reason: &RevocationReason) {
    tracing::info!(session_handle = %handle, reason = reason.as_str(), "session revoked");
}

pub(super) fn payload_updated(row: &SessionRow) {
    tracing::debug!(session_handle = %row.handle, user_id = %row.user_id, revision = row.payload_revision, "payload updated");
}

pub(super) fn reauthenticated(claims: &AccessClaims) {
    tracing::info!(session_handle = %claims.handle, user_id = %claims.user_id, "user authenticated again");
}

pub(super) fn source_failed(row: &SessionRow, cause: &Cause) {
    let (session_handle, user_id) = (row.handle, &row.user_id);
    tracing::warn!(%session_handle, %user_id, error = cause as &dyn Error, "payload source failed");
}
