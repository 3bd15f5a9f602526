//! What happened to sessions, for the log (ASVS 16.3.1) and for a sink of the application's own. Handles and user ids only: a token
//! is never in an event.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::rotation::ReuseClass;
use super::{Core, log};
use crate::clock::Timestamp;
use crate::id::{Generation, SessionHandle, TenantId, UserId};
use crate::reason::RevocationReason;
use crate::store::{Ended, SessionRow};
use crate::token::access::AccessClaims;

/// Something that happened to a session, after the database has said that it did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionEvent {
    /// When, by the sessions' clock.
    pub at: Timestamp,
    /// The tenant; nothing where it concerns all.
    pub tenant: Option<TenantId>,
    /// The session; nothing where it concerns many.
    pub handle: Option<SessionHandle>,
    /// Its user; nothing where it concerns many.
    pub user_id: Option<UserId>,
    /// What.
    pub kind: SessionEventKind,
}

/// What happened to a session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionEventKind {
    /// It was created.
    Created,
    /// Its tokens were rotated.
    Refreshed {
        /// The generation that they now have.
        generation: Generation,
    },
    /// A refresh was answered with the tokens of the one before, within the grace.
    Repeated {
        /// Their generation.
        generation: Generation,
    },
    /// As [`Repeated`](Self::Repeated), after the grace: the response of the one before was lost.
    Recovered {
        /// The tokens' generation.
        generation: Generation,
    },
    /// A client came with a token that is newer than the row: the database lost a rotation.
    FastForwarded {
        /// The generation that the session now has.
        generation: Generation,
    },
    /// A refresh token was used by two parties; the event of the session's revocation came before.
    Reused {
        /// How it was recognised.
        class: ReuseClass,
        /// The generation of the token that was presented.
        presented: Generation,
        /// The session's.
        generation: Generation,
    },
    /// It was ended.
    Revoked {
        /// Why.
        reason: RevocationReason,
    },
    /// All sessions of the tenant that were created before a time were ended. No event follows for each.
    TenantRevoked {
        /// The time.
        before: Timestamp,
        /// Why.
        reason: RevocationReason,
    },
    /// Its payload was changed.
    PayloadUpdated {
        /// How often it was by now.
        revision: i64,
    },
    /// Its user proved once more who they are.
    Reauthenticated,
    /// Its user had too many sessions when this one was created; the events of those that went came before.
    CapEnforced {
        /// How many sessions a user may have.
        cap: usize,
        /// How many were ended.
        ended: usize,
    },
    /// Rows of sessions that were long over were deleted.
    Purged {
        /// How many.
        sessions: u64,
    },
}

/// Is told what happens to sessions: for metrics, alerts and mails about a theft. A closure will do.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::mpsc;
/// use session_runtime::{Keys, NoData, NoPayload, Policy, SessionEvent, SessionEventKind, Sessions};
///
/// let (sender, received) = mpsc::channel();
/// # let policy = Policy::for_api("https://api.shop.example").build()?;
/// let sessions = Sessions::builder(policy, Keys::managed())
///     .events(move |event: &SessionEvent| drop(sender.send(event.clone())))
///     .connect("sqlite::memory:")
///     .await?;
/// sessions.create_new_session::<NoPayload, NoData>("user-17", NoPayload, NoData).await?;
/// assert_eq!(received.recv()?.kind, SessionEventKind::Created);
/// # Ok(())
/// # }
/// ```
pub trait EventSink: Send + Sync + 'static {
    /// Called once what happened is committed, on the task that did it, before its caller has the answer: it must not block. Hand
    /// the event to a channel and work elsewhere. What it misses (the process may end in between) is in the audit trail, as far as it
    /// ended a session. A panic here is logged and harms nobody.
    fn event(&self, event: &SessionEvent);
}

impl<F: Fn(&SessionEvent) + Send + Sync + 'static> EventSink for F {
    fn event(&self, event: &SessionEvent) {
        self(event);
    }
}

/// The application's sink, if it has one.
#[derive(Clone, Default)]
pub(super) struct Sink(Option<Arc<dyn EventSink>>);

impl Sink {
    pub(super) fn new(sink: impl EventSink) -> Self {
        Self(Some(Arc::new(sink)))
    }
}

impl fmt::Debug for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sink").field(&self.0.is_some()).finish()
    }
}

/// Whom an event is about.
#[derive(Default)]
pub(super) struct About {
    tenant: Option<TenantId>,
    handle: Option<SessionHandle>,
    user_id: Option<UserId>,
}

impl About {
    fn session(tenant: &TenantId, handle: SessionHandle, user_id: &UserId) -> Self {
        Self { tenant: Some(tenant.clone()), handle: Some(handle), user_id: Some(user_id.clone()) }
    }
}

impl From<&SessionRow> for About {
    fn from(row: &SessionRow) -> Self {
        Self::session(&row.tenant, row.handle, &row.user_id)
    }
}

impl From<&AccessClaims> for About {
    fn from(claims: &AccessClaims) -> Self {
        Self::session(&claims.tenant, claims.handle, &claims.user_id)
    }
}

impl From<(&TenantId, &Ended)> for About {
    fn from((tenant, ended): (&TenantId, &Ended)) -> Self {
        Self::session(tenant, ended.handle, &ended.user_id)
    }
}

impl From<&TenantId> for About {
    fn from(tenant: &TenantId) -> Self {
        Self { tenant: Some(tenant.clone()), ..Self::default() }
    }
}

impl Core {
    /// Tells the log and the sink. To be called after the commit.
    pub(super) fn emit(&self, about: impl Into<About>, kind: SessionEventKind) {
        let About { tenant, handle, user_id } = about.into();
        let event = SessionEvent { at: self.now(), tenant, handle, user_id, kind };
        log::event(&event);
        let Some(sink) = &self.sink.0 else { return };
        // What happened has happened: the caller must learn of it, whatever the sink makes of it.
        if catch_unwind(AssertUnwindSafe(|| sink.event(&event))).is_err() {
            tracing::error!(event = ?event.kind, "the event sink panicked");
        }
    }
}
