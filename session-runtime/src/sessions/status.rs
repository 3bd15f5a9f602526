//! How far behind the announcements this node is, and what verification does about it.

use std::time::Duration;

use super::session::Session;
use super::{Core, Sessions};
use crate::clock::Timestamp;
use crate::config::StaleFeed;
use crate::error::{Cause, SessionError};
use crate::payload::{AccessTokenPayload, SessionData};
use crate::reason::RevocationReason;

/// What a node knows of revocations by others: for metrics and health checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedStatus {
    last_read: Timestamp,
    lag: Duration,
    stale: bool,
    notified: bool,
    announcements: usize,
    window: usize,
}

impl FeedStatus {
    /// When the last look at the database began that succeeded. What was committed by then is known here.
    #[must_use]
    pub const fn last_read(&self) -> Timestamp {
        self.last_read
    }

    /// How long ago that was: about [`feed_interval`](crate::PolicyBuilder::feed_interval) at most, as long as all is well.
    #[must_use]
    pub const fn lag(&self) -> Duration {
        self.lag
    }

    /// Whether that is longer than [`stale_feed_after`](crate::PolicyBuilder::stale_feed_after).
    #[must_use]
    pub const fn is_stale(&self) -> bool {
        self.stale
    }

    /// Whether a connection is listening for others' announcements: on PostgreSQL, unless the policy says
    /// [`Polled`](crate::FeedDelivery::Polled).
    #[must_use]
    pub const fn is_notified(&self) -> bool {
        self.notified
    }

    /// How many announcements are in memory, 47 to 94 bytes each.
    #[must_use]
    pub const fn announcements(&self) -> usize {
        self.announcements
    }

    /// How many announcements each look reads again, since one with a lower number may still appear; mostly none.
    #[must_use]
    pub const fn read_again(&self) -> usize {
        self.window
    }
}

impl Sessions {
    /// How far this node is behind what others have revoked. Cost: no statement.
    #[must_use]
    pub fn feed_status(&self) -> FeedStatus {
        let (core, now) = (&self.core, self.core.now_coarse());
        let last_read = core.feed.read_at();
        FeedStatus {
            last_read,
            lag: last_read.until(now),
            stale: core.is_feed_stale(now),
            notified: core.keeper.is_listening(),
            announcements: core.feed.len(),
            window: core.feed.window().len(),
        }
    }

    /// Has the database confirm the session that the request brought, where the policy wants it since the feed is stale: one read then,
    /// else nothing.
    pub(crate) async fn confirm_request(&self) -> Result<(), SessionError> {
        let Some(exchange) = self.exchange().filter(|_| self.must_confirm()) else { return Ok(()) };
        let claims = &exchange.accepted().ok_or(Cause::Unbound)?.token.claims;
        self.in_tenant(claims.tenant.clone()).confirm(claims).await?;
        exchange.confirm();
        Ok(())
    }

    /// Whether verification is to ask the database, and has not yet for this request.
    pub(crate) fn must_confirm(&self) -> bool {
        self.core.must_ask() && !self.exchange().is_some_and(|exchange| exchange.is_confirmed())
    }
}

impl Core {
    /// Whether memory alone is not enough to verify by.
    pub(super) fn must_ask(&self) -> bool {
        self.policy.when_feed_stale == StaleFeed::AskDatabase && self.is_feed_stale(self.now_coarse())
    }

    /// Whether others' revocations have not been read for too long; the log is told when it begins and when it ends, by whoever
    /// notices first.
    pub(super) fn is_feed_stale(&self, now: Timestamp) -> bool {
        let read_at = self.feed.read_at();
        let stale = read_at.after(self.policy.stale_feed_after) < now;
        if self.feed.is_news(stale) {
            let lag_ms = u64::try_from(read_at.until(now).as_millis()).unwrap_or(u64::MAX);
            if stale {
                tracing::warn!(lag_ms, "revocations by other nodes are not known: the feed is stale");
            } else {
                tracing::info!(lag_ms, "revocations by other nodes are known again");
            }
        }
        stale
    }
}

impl<P: AccessTokenPayload, D: SessionData> Session<P, D> {
    /// Waits until this node learns that the session was ended, and answers why: for what goes on after it was verified, such as
    /// WebSockets and streams. Also where it had ended before. It does not wait for the session's time to be over: see
    /// [`expires_at`](Self::expires_at).
    ///
    /// The future stands by itself and can be dropped and made anew at any time, as in `tokio::select!`: an end that this node knows of
    /// is known for an hour longer than its tokens could live. It needs no task and no timer; every revocation that this node learns
    /// of wakes all who wait, for one look each at a table in memory. Cost: no statement.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use session_runtime::{Keys, NoData, NoPayload, Policy, RevocationReason, Sessions};
    ///
    /// # let policy = Policy::for_api("https://api.shop.example").build()?;
    /// # let sessions = Sessions::builder(policy, Keys::managed()).connect("sqlite::memory:").await?;
    /// let session = sessions.create_new_session::<NoPayload, NoData>("user-17", NoPayload, NoData).await?;
    /// let socket = tokio::spawn(session.revoked());
    /// sessions.revoke_session(session.handle()).await?;
    /// assert_eq!(socket.await?, RevocationReason::Revoked);
    /// # Ok(())
    /// # }
    /// ```
    pub fn revoked(&self) -> impl Future<Output = RevocationReason> + Send + use<P, D> {
        let (sessions, handle) = (self.sessions().clone(), *self.handle());
        let tenant = self.tenant().clone();
        async move {
            // Before the first look: what ends in between wakes.
            let mut ends = sessions.core.feed.ends();
            loop {
                ends.borrow_and_update();
                if let Some(reason) = sessions.core.feed.end_in(&tenant, handle) {
                    return reason;
                }
                if ends.changed().await.is_err() {
                    // Nobody is left who could end it. The feed is held here, so this is never reached.
                    std::future::pending::<()>().await;
                }
            }
        }
    }
}

/// What a verification is refused for that may not ask the database and would have to.
pub(super) fn unconfirmed() -> SessionError {
    Cause::FeedStale.into()
}
