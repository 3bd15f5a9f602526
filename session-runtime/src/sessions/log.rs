//! What the library itself logs of sessions. A token is never in it.

use std::error::Error;

use tracing::field::display;

use super::event::{SessionEvent, SessionEventKind};
use crate::error::Cause;
use crate::store::SessionRow;

pub(super) fn event(event: &SessionEvent) {
    use SessionEventKind::*;
    let session_handle = event.handle.map(display);
    let user_id = event.user_id.as_ref().map(display);
    let tenant = event.tenant.as_ref().map(display);
    match &event.kind {
        Created => tracing::info!(session_handle, user_id, tenant, "session created"),
        Refreshed { generation } => {
            tracing::debug!(session_handle, user_id, generation = generation.number(), "session refreshed");
        }
        Repeated { generation } => {
            let generation = generation.number();
            tracing::debug!(session_handle, user_id, generation, "refresh repeated within the grace");
        }
        Recovered { generation } => {
            let generation = generation.number();
            tracing::info!(session_handle, user_id, generation, "refresh recovered: its response was lost");
        }
        FastForwarded { generation } => {
            let generation = generation.number();
            tracing::warn!(session_handle, user_id, generation, "session moved forward: the database lost a rotation");
        }
        Reused { class, presented, generation } => tracing::warn!(
            session_handle,
            user_id,
            tenant,
            class = class.as_str(),
            presented = presented.number(),
            generation = generation.number(),
            "refresh token reused: session revoked"
        ),
        Revoked { reason } => tracing::info!(session_handle, user_id, reason = reason.as_str(), "session revoked"),
        TenantRevoked { before, reason } => {
            tracing::warn!(
                tenant,
                before = before.as_millis(),
                reason = reason.as_str(),
                "sessions of a tenant revoked"
            );
        }
        PayloadUpdated { revision } => tracing::debug!(session_handle, user_id, revision, "payload updated"),
        Reauthenticated => tracing::info!(session_handle, user_id, "user authenticated again"),
        CapEnforced { cap, ended } => {
            tracing::info!(session_handle, user_id, cap, ended, "older sessions ended for a new one");
        }
        Purged { sessions } => tracing::debug!(deleted = sessions, "expired sessions purged"),
    }
}

pub(super) fn source_failed(row: &SessionRow, cause: &Cause) {
    let (session_handle, user_id) = (row.handle, &row.user_id);
    tracing::warn!(%session_handle, %user_id, error = cause as &dyn Error, "payload source failed");
}
