//! Rows of `session_invalidations`, and the revocations that write them: the row's end and its announcement are one transaction.

use std::borrow::Cow;

use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryResult, Value};
use uuid::Uuid;

use super::dialect::{Dialect, column, placeholders, rows_of_placeholders};
use super::{Store, StoreError, execute, retried};
use crate::clock::Timestamp;
use crate::id::{SessionHandle, TenantId, UserId};
use crate::reason::RevocationReason;

/// What an announcement is about. The design has room for users; each session is announced by itself, which needs no comparison
/// of clocks.
const SESSION: &str = "session";

/// How many announcements one statement reads or writes.
pub(crate) const PAGE: usize = 500;

/// A session that is over although its tokens still verify.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Invalidation {
    pub(crate) sequence: i64,
    /// Nothing where another version of this library announced something else.
    pub(crate) handle: Option<SessionHandle>,
    pub(crate) reason: RevocationReason,
    pub(crate) expires_at: Timestamp,
}

/// Which sessions a revocation ends.
#[derive(Clone, Copy)]
pub(crate) enum Doomed<'a> {
    One(SessionHandle),
    /// One, if nobody has written its data since it was read.
    OneAt {
        handle: SessionHandle,
        data_revision: i64,
    },
    These(&'a [SessionHandle]),
    OfUser {
        user_id: &'a UserId,
        except: Option<SessionHandle>,
    },
}

/// When and why, and until when nodes must remember it.
#[derive(Clone, Copy)]
pub(crate) struct Announcement<'a> {
    pub(crate) reason: &'a RevocationReason,
    pub(crate) now: Timestamp,
    pub(crate) expires_at: Timestamp,
}

impl Store {
    /// One transaction: deletes the sessions and announces their end. Answers those that there were; of several who end the same
    /// session at once, one is answered it.
    pub(crate) async fn revoke(
        &self,
        tenant: &TenantId,
        doomed: Doomed<'_>,
        announcement: Announcement<'_>,
    ) -> Result<Vec<SessionHandle>, StoreError> {
        retried(|| self.revoke_once(tenant, doomed, announcement)).await
    }

    async fn revoke_once(
        &self,
        tenant: &TenantId,
        doomed: Doomed<'_>,
        announcement: Announcement<'_>,
    ) -> Result<Vec<SessionHandle>, StoreError> {
        let transaction = self.begin().await?;
        let found = end(&transaction, self.dialect(), tenant, doomed, announcement).await?;
        transaction.commit().await?;
        Ok(found)
    }

    /// One read: the announcements from `sequence` on, oldest first; at most a page of them.
    pub(crate) async fn invalidations_from(&self, sequence: i64) -> Result<Vec<Invalidation>, StoreError> {
        let read = "SELECT sequence, subject, subject_id, reason, expires_at FROM {session_invalidations} \
                    WHERE sequence >= ? ORDER BY sequence LIMIT ?";
        let values = [sequence.into(), (PAGE as i64).into()];
        self.query_all(self.dialect().sql(read).with(values)).await?.iter().map(Invalidation::read).collect()
    }

    /// One statement: forgets announcements that concern no token any more.
    pub(crate) async fn purge_invalidations(&self, now: Timestamp) -> Result<u64, StoreError> {
        let delete = "DELETE FROM {session_invalidations} WHERE expires_at <= ?";
        self.execute(self.dialect().sql(delete).with([now.as_millis().into()])).await
    }
}

impl Doomed<'_> {
    /// The condition that finds them, and its values.
    fn condition(&self, tenant: &TenantId) -> (Cow<'static, str>, Vec<Value>) {
        let tenant = tenant.as_str().into();
        match self {
            Self::One(handle) => ("tenant = ? AND handle = ?".into(), vec![tenant, handle.as_uuid().into()]),
            Self::These(handles) => {
                let condition = format!("tenant = ? AND handle IN ({})", placeholders(handles.len()));
                let handles = handles.iter().map(|handle| handle.as_uuid().into());
                (condition.into(), std::iter::once(tenant).chain(handles).collect())
            }
            Self::OneAt { handle, data_revision } => (
                "tenant = ? AND handle = ? AND data_revision = ?".into(),
                vec![tenant, handle.as_uuid().into(), (*data_revision).into()],
            ),
            Self::OfUser { user_id, except: None } => {
                ("tenant = ? AND user_id = ?".into(), vec![tenant, user_id.as_str().into()])
            }
            Self::OfUser { user_id, except: Some(handle) } => (
                "tenant = ? AND user_id = ? AND handle <> ?".into(),
                vec![tenant, user_id.as_str().into(), handle.as_uuid().into()],
            ),
        }
    }
}

impl Invalidation {
    fn read(row: &QueryResult) -> Result<Self, StoreError> {
        let is_session = column::<String>(row, 1)? == SESSION;
        let handle = if is_session { column::<String>(row, 2)?.parse().ok() } else { None };
        Ok(Self {
            sequence: column(row, 0)?,
            handle,
            reason: RevocationReason::from_stored(&column::<String>(row, 3)?),
            expires_at: Timestamp::from_millis(column(row, 4)?),
        })
    }
}

/// Ends sessions within a transaction. Answers those that there were.
pub(super) async fn end(
    transaction: &DatabaseTransaction,
    dialect: &Dialect,
    tenant: &TenantId,
    doomed: Doomed<'_>,
    announcement: Announcement<'_>,
) -> Result<Vec<SessionHandle>, StoreError> {
    let found = find(transaction, dialect, tenant, doomed).await?;
    for page in found.chunks(PAGE) {
        delete(transaction, dialect, page).await?;
        announce(transaction, dialect, tenant, page, announcement).await?;
    }
    Ok(found)
}

/// Finds and locks them, in one order everywhere.
async fn find(
    transaction: &DatabaseTransaction,
    dialect: &Dialect,
    tenant: &TenantId,
    doomed: Doomed<'_>,
) -> Result<Vec<SessionHandle>, StoreError> {
    let (condition, values) = doomed.condition(tenant);
    let find = format!("SELECT handle FROM {{sessions}} WHERE {condition} ORDER BY handle{{for update}}");
    let found = transaction.query_all_raw(dialect.sql(&find).with_all(values)).await?;
    found.iter().map(|row| column::<Uuid>(row, 0).map(SessionHandle::from_uuid)).collect()
}

async fn delete(
    transaction: &DatabaseTransaction,
    dialect: &Dialect,
    handles: &[SessionHandle],
) -> Result<(), StoreError> {
    let delete = format!("DELETE FROM {{sessions}} WHERE handle IN ({})", placeholders(handles.len()));
    let values = handles.iter().map(|handle| handle.as_uuid().into());
    execute(transaction, dialect.sql(&delete).with_all(values)).await?;
    Ok(())
}

async fn announce(
    transaction: &DatabaseTransaction,
    dialect: &Dialect,
    tenant: &TenantId,
    handles: &[SessionHandle],
    announcement: Announcement<'_>,
) -> Result<(), StoreError> {
    let insert = format!(
        "INSERT INTO {{session_invalidations}} (tenant, subject, subject_id, not_before, reason, expires_at) VALUES {}",
        rows_of_placeholders(handles.len(), 6)
    );
    let values = handles.iter().flat_map(|handle| {
        [
            Value::from(tenant.as_str()),
            SESSION.into(),
            handle.to_string().into(),
            announcement.now.as_millis().into(),
            announcement.reason.as_str().into(),
            announcement.expires_at.as_millis().into(),
        ]
    });
    execute(transaction, dialect.sql(&insert).with_all(values)).await?;
    Ok(())
}
