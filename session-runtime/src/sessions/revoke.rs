//! Ending sessions: the row goes and its end is announced in one transaction, so that no node accepts its tokens any more.

use super::exchange::Clearing;
use super::session::Session;
use super::{Core, Sessions, event};
use crate::error::{Cause, SessionError};
use crate::id::{IdError, SessionHandle, UserId};
use crate::payload::{AccessTokenPayload, SessionData};
use crate::store::{Announcement, Doomed};

/// The words that say why a session ended.
pub(super) mod reason {
    pub(in crate::sessions) const REVOKED: &str = "revoked";
    pub(in crate::sessions) const SIGNED_OUT: &str = "signed_out";
    pub(in crate::sessions) const REVOKED_OTHERS: &str = "revoked_others";
    pub(in crate::sessions) const REVOKED_ALL: &str = "revoked_all";
    pub(in crate::sessions) const SIGNED_IN_ANEW: &str = "signed_in_anew";
    pub(in crate::sessions) const CAP_REACHED: &str = "cap_reached";
    pub(in crate::sessions) const PAYLOAD_SOURCE: &str = "payload_source";
    pub(in crate::sessions) const TOKEN_THEFT: &str = "token_theft";
}

impl Sessions {
    /// Ends a session. Its access token is refused by this node at once, and by every other within the feed interval. Answers
    /// whether there was one. Where it is the request's own, the response clears its tokens. Cost: one transaction.
    ///
    /// # Errors
    ///
    /// When the database cannot be written; the session then goes on.
    pub async fn revoke_session(&self, handle: &SessionHandle) -> Result<bool, SessionError> {
        Ok(!self.end(Doomed::One(*handle), reason::REVOKED).await?.is_empty())
    }

    /// Ends all sessions of a user in this tenant, as after a change of password (ASVS 7.4.3) or when an account is closed
    /// (ASVS 7.4.2). Answers those that there were. Cost: one transaction.
    ///
    /// # Errors
    ///
    /// When the user id is none, or the database cannot be written; all sessions then go on.
    pub async fn revoke_all_sessions_for_user(
        &self,
        user_id: impl TryInto<UserId, Error: Into<IdError>>,
    ) -> Result<Vec<SessionHandle>, SessionError> {
        let user_id = user_id.try_into().map_err(|error| Cause::Id(error.into()))?;
        self.end(Doomed::OfUser { user_id: &user_id, except: None }, reason::REVOKED_ALL).await
    }

    /// Signs out the request's session, whatever its payload's kind, and has the response clear its tokens. This is what the
    /// ready-made route calls. Cost: one transaction.
    ///
    /// # Errors
    ///
    /// When the request brought no valid session, or the database cannot be written; the tokens are then left alone.
    pub async fn sign_out_request(&self) -> Result<(), SessionError> {
        let (handle, tenant) = self.verify_untyped()?;
        self.in_tenant(tenant).end(Doomed::One(handle), reason::SIGNED_OUT).await?;
        // Also where the row was gone already.
        self.clear_if_own(handle, self.own_clearing());
        Ok(())
    }

    pub(super) async fn end(&self, doomed: Doomed<'_>, reason: &str) -> Result<Vec<SessionHandle>, SessionError> {
        let announcement = self.core.announcement(reason);
        let ended = self.core.store.revoke(self.tenant(), doomed, announcement).await?;
        for handle in &ended {
            self.core.ended(*handle, announcement);
            self.clear_if_own(*handle, self.own_clearing());
        }
        Ok(ended)
    }

    /// What is cleared when the request's own session ends: what the request used.
    fn own_clearing(&self) -> Clearing {
        self.exchange().and_then(|exchange| exchange.transport()).map_or(Clearing::Both, Clearing::Used)
    }
}

impl Core {
    /// What nodes are told of sessions that end now.
    pub(super) fn announcement<'a>(&self, reason: &'a str) -> Announcement<'a> {
        let now = self.now();
        // No token of the session that exists by now is accepted for longer, whichever node minted it.
        Announcement { reason, now, expires_at: now.after(self.policy.access_token_lifetime + CLOCK_SKEW) }
    }

    /// A session has ended: this node knows at once.
    pub(super) fn ended(&self, handle: SessionHandle, announcement: Announcement<'_>) {
        self.feed.add(handle, announcement.expires_at);
        event::revoked(handle, announcement.reason);
    }
}

/// How far the clocks of two nodes may be apart.
const CLOCK_SKEW: std::time::Duration = std::time::Duration::from_secs(5);

impl<P: AccessTokenPayload, D: SessionData> Session<P, D> {
    /// Signs out: ends this session and has the response clear its tokens, also where it was over already. Cost: one
    /// transaction.
    ///
    /// # Errors
    ///
    /// When the database cannot be written; the session then goes on, and the tokens are left alone.
    pub async fn revoke(self) -> Result<(), SessionError> {
        let sessions = self.sessions();
        sessions.end(Doomed::One(*self.handle()), reason::SIGNED_OUT).await?;
        // Also where the row was gone already, and where the session was created by this very request.
        sessions.clear(Some(*self.handle()), self.transport().map_or(Clearing::Both, Clearing::Used));
        Ok(())
    }

    /// Ends all other sessions of this user in this tenant, and answers them. Cost: one transaction.
    ///
    /// # Errors
    ///
    /// When the database cannot be written; all sessions then go on.
    pub async fn revoke_others(&self) -> Result<Vec<SessionHandle>, SessionError> {
        let doomed = Doomed::OfUser { user_id: self.user_id(), except: Some(*self.handle()) };
        self.sessions().end(doomed, reason::REVOKED_OTHERS).await
    }
}
