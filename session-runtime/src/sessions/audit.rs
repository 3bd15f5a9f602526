//! The audit trail: thefts and revocations as the database remembers them, in the words that it is written and read by.

use serde::{Deserialize, Serialize};

use super::Sessions;
use super::rotation::ReuseClass;
use crate::clock::Timestamp;
use crate::error::SessionError;
use crate::id::{Generation, SessionHandle, TenantId, UserId};
use crate::reason::RevocationReason;
use crate::store::{AuditPage, AuditRow};

pub(super) const REVOKED: &str = "revoked";
pub(super) const TOKEN_THEFT: &str = "token_theft";
pub(super) const TENANT_REVOKED: &str = "tenant_revoked";

/// Which part of the audit trail to read: newest or oldest first, from where, and whose.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use session_runtime::{AuditQuery, Keys, NoData, NoPayload, Policy, Sessions};
///
/// # let policy = Policy::for_api("https://api.shop.example").build()?;
/// # let sessions = Sessions::builder(policy, Keys::managed()).connect("sqlite::memory:").await?;
/// # sessions.create_new_session::<NoPayload, NoData>("user-17", NoPayload, NoData).await?.revoke().await?;
/// let page = sessions.audit(AuditQuery::newest().of_user("user-17".parse()?).limit(20)).await?;
/// assert_eq!(page[0].reason().as_str(), "signed_out");
/// let older = sessions.audit(AuditQuery::newest().beyond(page.last().expect("a record"))).await?;
/// assert!(older.is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "hand it to Sessions::audit"]
pub struct AuditQuery {
    newest_first: bool,
    user_id: Option<UserId>,
    after: Option<i64>,
    limit: u16,
}

impl AuditQuery {
    /// The largest page.
    pub const MAX_LIMIT: u16 = 500;

    /// From the newest record on, back in time.
    pub const fn newest() -> Self {
        Self { newest_first: true, user_id: None, after: None, limit: 100 }
    }

    /// From the oldest record on, forward in time.
    pub const fn oldest() -> Self {
        Self { newest_first: false, user_id: None, after: None, limit: 100 }
    }

    /// Of this user only. What ended the whole tenant's sessions is of no user.
    pub fn of_user(self, user_id: UserId) -> Self {
        Self { user_id: Some(user_id), ..self }
    }

    /// Goes on beyond this record, the last one of the page before.
    pub fn beyond(self, record: &AuditRecord) -> Self {
        self.beyond_sequence(record.sequence())
    }

    /// Goes on beyond the record of this number, as a page's link may carry it.
    pub fn beyond_sequence(self, sequence: i64) -> Self {
        Self { after: Some(sequence), ..self }
    }

    /// How many records at most: 1 – 500, 100 unless said otherwise.
    pub fn limit(self, limit: u16) -> Self {
        Self { limit: limit.clamp(1, Self::MAX_LIMIT), ..self }
    }
}

/// An entry of the audit trail.
#[derive(Clone, Debug)]
pub struct AuditRecord {
    row: AuditRow,
    event: AuditEvent,
}

/// What an entry of the audit trail tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuditEvent {
    /// A session was ended.
    Revoked,
    /// A refresh token was used by two parties, and the session ended for it.
    TokenTheft {
        /// How it was recognised.
        class: ReuseClass,
        /// The generation of the token that was presented.
        presented: Generation,
        /// The session's.
        generation: Generation,
    },
    /// All sessions of the tenant that were created before a time were ended.
    TenantRevoked {
        /// The time.
        before: Timestamp,
    },
    /// What another version of this library wrote: its word.
    Other(String),
}

impl AuditRecord {
    /// Its number in the trail, which grows with time.
    #[must_use]
    pub const fn sequence(&self) -> i64 {
        self.row.sequence
    }

    /// When it happened.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.row.happened_at
    }

    /// What happened.
    #[must_use]
    pub const fn event(&self) -> &AuditEvent {
        &self.event
    }

    /// Why.
    #[must_use]
    pub const fn reason(&self) -> &RevocationReason {
        &self.row.reason
    }

    /// The tenant.
    #[must_use]
    pub const fn tenant(&self) -> &TenantId {
        &self.row.tenant
    }

    /// The session; nothing where it were many.
    #[must_use]
    pub const fn handle(&self) -> Option<&SessionHandle> {
        self.row.handle.as_ref()
    }

    /// Its user; nothing where it were many.
    #[must_use]
    pub const fn user_id(&self) -> Option<&UserId> {
        self.row.user_id.as_ref()
    }

    /// Who acted as the user in that session.
    #[must_use]
    pub const fn actor(&self) -> Option<&UserId> {
        self.row.actor.as_ref()
    }
}

impl Sessions {
    /// A page of this tenant's audit trail: every theft and every revocation, each written in the transaction that carried it out,
    /// kept for the policy's [`audit_retention`](crate::PolicyBuilder::audit_retention). Cost: one read; of a user, along an index,
    /// of a whole tenant, past what other tenants have in between.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub async fn audit(&self, query: AuditQuery) -> Result<Vec<AuditRecord>, SessionError> {
        let AuditQuery { newest_first, user_id, after, limit } = query;
        let (tenant, user_id, limit) = (self.tenant(), user_id.as_ref(), limit.into());
        let rows = self.core.store.audit(AuditPage { tenant, user_id, newest_first, after, limit }).await?;
        Ok(rows.into_iter().map(AuditRecord::from).collect())
    }
}

impl From<AuditRow> for AuditRecord {
    fn from(row: AuditRow) -> Self {
        let event =
            read_event(&row.event, row.detail.as_deref()).unwrap_or_else(|| AuditEvent::Other(row.event.clone()));
        Self { row, event }
    }
}

/// The `detail` of a theft.
#[derive(Serialize, Deserialize)]
struct Theft<'a> {
    class: &'a str,
    presented: u32,
    generation: u32,
}

/// The `detail` of a tenant's revocation.
#[derive(Serialize, Deserialize)]
struct Before {
    before: i64,
}

pub(super) fn theft_detail(class: ReuseClass, presented: Generation, generation: Generation) -> String {
    written(&Theft { class: class.as_str(), presented: presented.number(), generation: generation.number() })
}

pub(super) fn cutoff_detail(before: Timestamp) -> String {
    written(&Before { before: before.as_millis() })
}

fn written(detail: &impl Serialize) -> String {
    serde_json::to_string(detail).unwrap_or_default()
}

fn read_event(word: &str, detail: Option<&str>) -> Option<AuditEvent> {
    match word {
        REVOKED => Some(AuditEvent::Revoked),
        TOKEN_THEFT => {
            let Theft { class, presented, generation } = serde_json::from_str(detail?).ok()?;
            let class = ReuseClass::from_word(class)?;
            let (presented, generation) = (Generation::new(presented), Generation::new(generation));
            Some(AuditEvent::TokenTheft { class, presented, generation })
        }
        TENANT_REVOKED => {
            let Before { before } = serde_json::from_str(detail?).ok()?;
            Some(AuditEvent::TenantRevoked { before: Timestamp::from_millis(before) })
        }
        _ => None,
    }
}
