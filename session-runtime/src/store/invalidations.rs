//! Rows of `session_invalidations`: what nodes must know of sessions that are over although their tokens still verify.

use std::hash::{DefaultHasher, Hash, Hasher};

use sea_orm::{ConnectionTrait, QueryResult, Value};

use super::dialect::{Dialect, Sql, column, rows_of_placeholders};
use super::{Store, StoreError, execute};
use crate::clock::Timestamp;
use crate::id::{SessionHandle, TenantId};
use crate::reason::RevocationReason;

/// How many announcements one statement reads or writes.
pub(crate) const PAGE: usize = 500;

/// What announcements are about, as it is stored. Each session is announced by itself, which needs no comparison of clocks; only a
/// whole tenant is announced at once.
const SESSION: &str = "session";
const TENANT: &str = "tenant";
/// Has the revision of the new payload in `not_before`.
const PAYLOAD: &str = "payload";

/// What PostgreSQL's notifications go by, behind the tables' prefix; it may have 63 bytes with it.
pub(super) const CHANNEL: &str = "session_invalidations";

/// What nodes must know of sessions whose tokens still verify.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Invalidation {
    pub(crate) sequence: i64,
    /// Nothing where another version of this library announced something else.
    pub(crate) subject: Option<Subject>,
    pub(crate) reason: RevocationReason,
    pub(crate) expires_at: Timestamp,
}

/// Tells an announcement from another of the same number, which a database may give out again that has lost its last writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark(u64);

/// Which sessions are over, or have another payload.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Subject {
    Session(SessionHandle),
    Tenant(Cutoff),
    Payload { handle: SessionHandle, revision: i64 },
}

/// All sessions of a tenant whose handles were made before a time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Cutoff {
    pub(crate) tenant: TenantId,
    pub(crate) before: Timestamp,
}

/// When and why sessions end, and until when nodes must remember it.
#[derive(Clone, Copy)]
pub(crate) struct Announcement<'a> {
    pub(crate) reason: &'a RevocationReason,
    pub(crate) now: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) audited: Audited<'a>,
}

/// What the audit trail says of it beside.
#[derive(Clone, Copy)]
pub(crate) struct Audited<'a> {
    pub(crate) event: &'static str,
    /// JSON.
    pub(crate) detail: Option<&'a str>,
}

impl Store {
    /// One read: the announcements from `sequence` on, oldest first; at most a page of them.
    pub(crate) async fn invalidations_from(&self, sequence: i64) -> Result<Vec<Invalidation>, StoreError> {
        let read = "SELECT sequence, subject, subject_id, not_before, reason, expires_at FROM {session_invalidations} \
                    WHERE sequence >= ? ORDER BY sequence LIMIT ?";
        let values = [sequence.into(), (PAGE as i64).into()];
        self.query_aside(self.dialect().sql(read).with(values)).await?.iter().map(Invalidation::read).collect()
    }

    /// One statement: forgets announcements of sessions that concern no token any more.
    pub(crate) async fn purge_invalidations(&self, cutoff: Timestamp) -> Result<u64, StoreError> {
        let delete = "DELETE FROM {session_invalidations} WHERE expires_at <= ? AND subject <> ?";
        self.execute(self.dialect().sql(delete).with([cutoff.as_millis().into(), TENANT.into()])).await
    }

    /// One read, along the index: up to a page of announcements of tenants that concern no token any more, though perhaps rows.
    pub(crate) async fn expired_cutoffs(&self, cutoff: Timestamp) -> Result<Vec<(i64, Cutoff)>, StoreError> {
        let find = "SELECT sequence, subject, subject_id, not_before, reason, expires_at FROM {session_invalidations} \
                    WHERE expires_at <= ? AND subject = ? ORDER BY expires_at LIMIT ?";
        let values = [cutoff.as_millis().into(), TENANT.into(), (PAGE as i64).into()];
        let found = self.query_all(self.dialect().sql(find).with(values)).await?;
        let found = found.iter().map(Invalidation::read).collect::<Result<Vec<_>, _>>()?;
        let of_tenant = |read: Invalidation| match read.subject {
            Some(Subject::Tenant(cutoff)) => Some((read.sequence, cutoff)),
            _ => None,
        };
        Ok(found.into_iter().filter_map(of_tenant).collect())
    }

    /// One statement: forgets an announcement of a tenant. Nothing that it is about may be left.
    pub(crate) async fn delete_cutoff(&self, sequence: i64) -> Result<(), StoreError> {
        let delete = "DELETE FROM {session_invalidations} WHERE sequence = ?";
        self.execute(self.dialect().sql(delete).with([sequence.into()])).await?;
        Ok(())
    }
}

impl Invalidation {
    pub(crate) fn mark(&self) -> Mark {
        let mut hasher = DefaultHasher::new();
        (&self.subject, self.expires_at).hash(&mut hasher);
        Mark(hasher.finish())
    }

    fn read(row: &QueryResult) -> Result<Self, StoreError> {
        let id: String = column(row, 2)?;
        let subject = match column::<String>(row, 1)?.as_str() {
            SESSION => id.parse().ok().map(Subject::Session),
            PAYLOAD => {
                let revision = column(row, 3)?;
                id.parse().ok().map(|handle| Subject::Payload { handle, revision })
            }
            TENANT => {
                let before = Timestamp::from_millis(column(row, 3)?);
                TenantId::new(id).ok().map(|tenant| Subject::Tenant(Cutoff { tenant, before }))
            }
            _ => None,
        };
        Ok(Self {
            sequence: column(row, 0)?,
            subject,
            reason: RevocationReason::from_stored(&column::<String>(row, 4)?),
            expires_at: Timestamp::from_millis(column(row, 5)?),
        })
    }
}

/// Announces the end of sessions, at most a page of them.
pub(super) async fn announce_sessions(
    connection: &impl ConnectionTrait,
    dialect: &Dialect,
    tenant: &TenantId,
    handles: impl ExactSizeIterator<Item = SessionHandle>,
    announcement: Announcement<'_>,
) -> Result<(), StoreError> {
    let insert = insert(dialect, handles.len());
    let values = handles.flat_map(|handle| announcement.values(tenant, SESSION, &handle.to_string(), announcement.now));
    execute(connection, insert.with_all(values)).await?;
    Ok(())
}

pub(super) async fn announce_cutoff(
    connection: &impl ConnectionTrait,
    dialect: &Dialect,
    cutoff: &Cutoff,
    announcement: Announcement<'_>,
) -> Result<(), StoreError> {
    let Cutoff { tenant, before } = cutoff;
    let values = announcement.values(tenant, TENANT, tenant.as_str(), *before);
    execute(connection, insert(dialect, 1).with(values)).await?;
    Ok(())
}

/// Announces that tokens with a payload of a revision before this one are of no use any more.
pub(super) async fn announce_payload(
    connection: &impl ConnectionTrait,
    dialect: &Dialect,
    (tenant, handle, revision): (&TenantId, SessionHandle, i64),
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    let values = [
        tenant.as_str().into(),
        PAYLOAD.into(),
        handle.to_string().into(),
        revision.into(),
        PAYLOAD.into(),
        expires_at.as_millis().into(),
    ];
    execute(connection, insert(dialect, 1).with(values)).await?;
    Ok(())
}

fn insert(dialect: &Dialect, rows: usize) -> Sql {
    let insert = format!(
        "INSERT INTO {{session_invalidations}} (tenant, subject, subject_id, not_before, reason, expires_at) VALUES {}",
        rows_of_placeholders(rows, 6)
    );
    if !dialect.notifies {
        return dialect.sql(&insert);
    }
    // One statement, and so no round trip more. It is delivered with the commit.
    let channel = dialect.prefix.table(CHANNEL);
    dialect.sql(&format!("WITH announced AS ({insert}) SELECT pg_notify('{channel}', '')"))
}

impl Announcement<'_> {
    fn values(&self, tenant: &TenantId, subject: &str, subject_id: &str, not_before: Timestamp) -> [Value; 6] {
        [
            tenant.as_str().into(),
            subject.into(),
            subject_id.into(),
            not_before.as_millis().into(),
            self.reason.as_str().into(),
            self.expires_at.as_millis().into(),
        ]
    }
}
