//! Ending sessions: the row goes and its end is announced in one transaction, so that no node accepts its tokens any more.

use std::time::Duration;

use super::audit::REVOKED;
use super::event::SessionEventKind;
use super::exchange::Clearing;
use super::session::Session;
use super::{Core, Sessions};
use crate::clock::Timestamp;
use crate::error::{Cause, SessionError};
use crate::id::{IdError, SessionHandle, TenantId, UserId};
use crate::payload::{AccessTokenPayload, SessionData};
use crate::reason::RevocationReason;
use crate::store::{Announcement, Audited, Doomed, Ended, INVALIDATIONS_PAGE};

impl Sessions {
    /// The same sessions; what is revoked from here says why, in place of the library's own word: in events, in the audit
    /// trail, and in the answer to the client that comes with a token of such a session. A theft stays a theft.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use session_runtime::{Keys, NoData, NoPayload, Policy, RevocationReason, Sessions};
    ///
    /// # let policy = Policy::for_api("https://api.shop.example").build()?;
    /// # let sessions = Sessions::builder(policy, Keys::managed()).connect("sqlite::memory:").await?;
    /// let session = sessions.create_new_session::<NoPayload, NoData>("user-17", NoPayload, NoData).await?;
    /// let reason = RevocationReason::custom("password_changed")?;
    /// sessions.because(reason.clone()).revoke_all_sessions_for_user("user-17").await?;
    ///
    /// let token = session.tokens().expect("a new session has tokens").access_token();
    /// let refused = sessions.verify::<NoPayload, NoData>(token).unwrap_err();
    /// assert_eq!(refused.revocation_reason(), Some(&reason));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn because(&self, reason: RevocationReason) -> Self {
        Self { reason: Some(reason), ..self.clone() }
    }

    /// Ends a session. Its access token is refused by this node at once, and by every other within the feed interval. Answers
    /// whether there was one. Where it is the request's own, the response clears its tokens. Cost: one transaction.
    ///
    /// # Errors
    ///
    /// When the database cannot be written; the session then goes on.
    pub async fn revoke_session(&self, handle: &SessionHandle) -> Result<bool, SessionError> {
        Ok(!self.end_because(Doomed::One(*handle), RevocationReason::Revoked).await?.is_empty())
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
        self.end_because(Doomed::OfUser { user_id: &user_id, except: None }, RevocationReason::RevokedAll).await
    }

    /// Ends these sessions. Answers those that there were. Cost: one transaction for every 500.
    ///
    /// # Errors
    ///
    /// When the database cannot be written. Of more than 500, some may then be over, and the others go on.
    pub async fn revoke_sessions(&self, handles: &[SessionHandle]) -> Result<Vec<SessionHandle>, SessionError> {
        let mut ended = Vec::new();
        for page in handles.chunks(INVALIDATIONS_PAGE) {
            ended.extend(self.end_because(Doomed::These(page), RevocationReason::Revoked).await?);
        }
        Ok(ended)
    }

    /// Ends those sessions of a user in this tenant that were created before `time`, by the clocks of their nodes, as after an
    /// incident that is over. Answers those that there were. Cost: one transaction.
    ///
    /// # Errors
    ///
    /// As [`revoke_all_sessions_for_user`](Self::revoke_all_sessions_for_user).
    pub async fn revoke_sessions_for_user_created_before(
        &self,
        user_id: impl TryInto<UserId, Error: Into<IdError>>,
        time: Timestamp,
    ) -> Result<Vec<SessionHandle>, SessionError> {
        let user_id = user_id.try_into().map_err(|error| Cause::Id(error.into()))?;
        let doomed = Doomed::OfUserBefore { user_id: &user_id, before: time };
        self.end_because(doomed, RevocationReason::RevokedBefore).await
    }

    /// Signs out the request's session, whatever its payload's kind, and has the response clear its tokens. This is what the
    /// ready-made route calls. Cost: one transaction.
    ///
    /// # Errors
    ///
    /// When the request brought no valid session, or the database cannot be written; the tokens are then left alone.
    pub async fn sign_out_request(&self) -> Result<(), SessionError> {
        let (handle, tenant) = self.verify_untyped()?;
        self.in_tenant(tenant).end_because(Doomed::One(handle), RevocationReason::SignedOut).await?;
        // Also where the row was gone already.
        self.clear_if_own(handle, self.own_clearing());
        Ok(())
    }

    /// Ends them for the reason that this handle was given, or else for `usual`.
    async fn end_because(
        &self,
        doomed: Doomed<'_>,
        usual: RevocationReason,
    ) -> Result<Vec<SessionHandle>, SessionError> {
        self.end(doomed, self.reason.clone().unwrap_or(usual)).await
    }

    pub(super) async fn end(
        &self,
        doomed: Doomed<'_>,
        reason: RevocationReason,
    ) -> Result<Vec<SessionHandle>, SessionError> {
        self.end_announced(doomed, self.core.announcement(&reason)).await
    }

    pub(super) async fn end_announced(
        &self,
        doomed: Doomed<'_>,
        announcement: Announcement<'_>,
    ) -> Result<Vec<SessionHandle>, SessionError> {
        let ended = self.core.store.revoke(self.tenant(), doomed, announcement).await?;
        for ended in &ended {
            self.core.ended(self.tenant(), ended, announcement);
            self.clear_if_own(ended.handle, self.own_clearing());
        }
        Ok(ended.into_iter().map(|ended| ended.handle).collect())
    }

    /// What is cleared when the request's own session ends: what the request used.
    pub(super) fn own_clearing(&self) -> Clearing {
        self.exchange().and_then(|exchange| exchange.transport()).map_or(Clearing::Both, Clearing::Used)
    }
}

impl Core {
    /// What nodes and the audit trail are told of sessions that end now.
    pub(super) fn announcement<'a>(&self, reason: &'a RevocationReason) -> Announcement<'a> {
        let (now, expires_at) = (self.now(), self.last_token_expires_at());
        Announcement { reason, now, expires_at, audited: Audited { event: REVOKED, detail: None } }
    }

    /// No token of a session that exists by now is accepted for longer, whichever node minted it.
    pub(super) fn last_token_expires_at(&self) -> Timestamp {
        self.now().after(self.policy.access_token_lifetime + CLOCK_SKEW)
    }

    /// A session has ended: this node knows at once.
    pub(super) fn ended(&self, tenant: &TenantId, ended: &Ended, announcement: Announcement<'_>) {
        self.feed.add(ended.handle, announcement.reason, announcement.expires_at);
        self.emit((tenant, ended), SessionEventKind::Revoked { reason: announcement.reason.clone() });
    }
}

/// How far the clocks of two nodes may be apart.
const CLOCK_SKEW: Duration = Duration::from_secs(5);

impl<P: AccessTokenPayload, D: SessionData> Session<P, D> {
    /// Signs out: ends this session and has the response clear its tokens, also where it was over already. Cost: one
    /// transaction.
    ///
    /// # Errors
    ///
    /// When the database cannot be written; the session then goes on, and the tokens are left alone.
    pub async fn revoke(self) -> Result<(), SessionError> {
        let sessions = self.sessions();
        sessions.end_because(Doomed::One(*self.handle()), RevocationReason::SignedOut).await?;
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
        self.sessions().end_because(doomed, RevocationReason::RevokedOthers).await
    }
}
