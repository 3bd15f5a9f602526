//! What the database knows of a session.

use std::fmt;
use std::net::IpAddr;

use super::session::Session;
use crate::clock::Timestamp;
use crate::config::CookieLifetime;
use crate::error::{Cause, SessionError};
use crate::id::{Generation, SessionHandle, TenantId, UserId};
use crate::payload::{self, AccessTokenPayload, SessionData};
use crate::store::SessionSummary;

/// A session as the database has it: for lists of devices, admin tools and support. Holds no credential, and no session data, which
/// is read one by one: [`Sessions::data`](crate::Sessions::data).
#[derive(Clone)]
pub struct SessionInformation(SessionSummary);

impl SessionInformation {
    pub(super) fn new(session: impl Into<SessionSummary>) -> Self {
        Self(session.into())
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

    /// Whether it is this session: the device that asks, in a list of devices.
    #[must_use]
    pub fn is_current<P: AccessTokenPayload, D: SessionData>(&self, session: &Session<P, D>) -> bool {
        self.0.handle == *session.handle()
    }

    /// What its device is called: [`with_device_label`](crate::Sessions::with_device_label),
    /// [`rename_device`](crate::Sessions::rename_device).
    #[must_use]
    pub fn device_label(&self) -> Option<&str> {
        self.0.device.label.as_deref()
    }

    /// The `User-Agent` of the request that created or last refreshed it: up to 512 characters, of the client's choice.
    #[must_use]
    pub fn user_agent(&self) -> Option<&str> {
        self.0.device.user_agent.as_deref()
    }

    /// Where the request came from that created or last refreshed it, as far as the policy's
    /// [`trusted_proxies`](crate::PolicyBuilder::trusted_proxies) let it be known.
    #[must_use]
    pub const fn address(&self) -> Option<IpAddr> {
        self.0.device.address
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
        payload::decode_payload(&stored.kind, stored.version, &stored.json).map_err(|error| Cause::Stored(error).into())
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
