//! What the database knows of a session.

use std::fmt;

use crate::clock::Timestamp;
use crate::config::CookieLifetime;
use crate::error::{Cause, SessionError};
use crate::id::{Generation, SessionHandle, TenantId, UserId};
use crate::payload::{self, AccessTokenPayload, SessionData};
use crate::store::SessionRow;

/// A session as the database has it: for lists of devices, admin tools and support. Holds no credential.
#[derive(Clone)]
pub struct SessionInformation(SessionRow);

impl SessionInformation {
    pub(super) const fn new(row: SessionRow) -> Self {
        Self(row)
    }

    /// The session's constant name.
    #[must_use]
    pub const fn handle(&self) -> &SessionHandle {
        &self.0.handle
    }

    /// Whose session it is.
    #[must_use]
    pub const fn user_id(&self) -> &UserId {
        &self.0.user_id
    }

    /// The tenant that it belongs to.
    #[must_use]
    pub const fn tenant(&self) -> &TenantId {
        &self.0.tenant
    }

    /// Whether its user has not said who they are.
    #[must_use]
    pub const fn is_anonymous(&self) -> bool {
        self.0.anonymous
    }

    /// Who acts as the user, where somebody does.
    #[must_use]
    pub const fn actor(&self) -> Option<&UserId> {
        self.0.actor.as_ref()
    }

    /// When the user signed in.
    #[must_use]
    pub const fn created_at(&self) -> Timestamp {
        self.0.created_at
    }

    /// When the session was last seen in use; a few seconds late, since it is written in batches.
    #[must_use]
    pub const fn last_seen_at(&self) -> Timestamp {
        self.0.last_seen_at
    }

    /// When the session ends unless it is refreshed before.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.0.expires_at()
    }

    /// When the session ends, whatever happens.
    #[must_use]
    pub const fn absolute_expires_at(&self) -> Timestamp {
        self.0.absolute_expires_at
    }

    /// How long its browser keeps the cookies.
    #[must_use]
    pub const fn cookie_lifetime(&self) -> CookieLifetime {
        self.0.cookie_lifetime
    }

    /// How often its refresh token was rotated, counted from 1.
    #[must_use]
    pub const fn generation(&self) -> Generation {
        self.0.generation
    }

    /// The kind of its payload.
    #[must_use]
    pub fn payload_kind(&self) -> &str {
        &self.0.payload.kind
    }

    /// The payload as it is stored, which the next refresh puts into the access token.
    ///
    /// # Errors
    ///
    /// When it is of another kind, or cannot be read as a `P`.
    pub fn payload<P: AccessTokenPayload>(&self) -> Result<P, SessionError> {
        let stored = &self.0.payload;
        payload::decode_payload(&stored.kind, stored.version, stored.json.as_bytes())
            .map_err(|error| Cause::Stored(error).into())
    }

    /// The session data.
    ///
    /// # Errors
    ///
    /// When it is of another kind, or cannot be read as a `D`.
    pub fn data<D: SessionData>(&self) -> Result<D, SessionError> {
        let stored = &self.0.data;
        payload::decode_data(&stored.kind, stored.version, &stored.json).map_err(|error| Cause::Stored(error).into())
    }
}

impl fmt::Debug for SessionInformation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionInformation")
            .field("handle", &self.0.handle)
            .field("user_id", &self.0.user_id)
            .field("tenant", &self.0.tenant)
            .field("created_at", &self.0.created_at)
            .field("last_seen_at", &self.0.last_seen_at)
            .finish_non_exhaustive()
    }
}
