//! Revocations: the sessions' end, its announcement and its audit rows are one transaction. A whole tenant's end is announced first,
//! and its rows go afterwards, a page at a time.

use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryResult, Value};
use uuid::Uuid;

use super::audit::{AuditEntry, record};
use super::dialect::{Dialect, column, placeholders};
use super::invalidations::{Announcement, Cutoff, PAGE, announce_cutoff, announce_sessions};
use super::{Store, StoreError, execute};
use crate::clock::Timestamp;
use crate::id::{SessionHandle, TenantId, UserId};

/// Which sessions a revocation ends.
#[derive(Clone, Copy)]
pub(crate) enum Doomed<'a> {
    One(SessionHandle),
    /// One, if nobody has written its data since it was read.
    OneAt {
        handle: SessionHandle,
        data_revision: i64,
    },
    /// At most a page of them.
    These(&'a [SessionHandle]),
    OfUser {
        user_id: &'a UserId,
        except: Option<SessionHandle>,
    },
    OfUserBefore {
        user_id: &'a UserId,
        before: Timestamp,
    },
}

/// A session that a revocation ended.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    pub(crate) handle: SessionHandle,
    pub(crate) user_id: UserId,
    /// Who acted as the user.
    pub(crate) actor: Option<UserId>,
}

impl Store {
    /// One transaction of four statements: finds and locks the sessions, deletes them, announces their end, writes their audit
    /// rows; where there are none, one statement, or two on MySQL and MariaDB, where those of a user are one read more too. Answers those
    /// that there were; of several who end the same session at once, one is answered it.
    pub(crate) async fn revoke(
        &self,
        tenant: &TenantId,
        doomed: Doomed<'_>,
        announcement: Announcement<'_>,
    ) -> Result<Vec<Ended>, StoreError> {
        if matches!(doomed, Doomed::OfUser { .. } | Doomed::OfUserBefore { .. }) {
            // Also those that another node of a Galera cluster has just made.
            self.catch_up().await?;
        }
        let revoke = || self.repeated(|| self.revoke_once(tenant, doomed, announcement));
        let ended = revoke().await?;
        match doomed {
            // On Galera it may be that this node has not heard of the session yet.
            Doomed::One(handle) if ended.is_empty() && self.is_there_in_order(handle).await? => revoke().await,
            _ => Ok(ended),
        }
    }

    async fn revoke_once(
        &self,
        tenant: &TenantId,
        doomed: Doomed<'_>,
        announcement: Announcement<'_>,
    ) -> Result<Vec<Ended>, StoreError> {
        let transaction = self.begin().await?;
        let ended = end(&transaction, self.dialect(), tenant, doomed, announcement).await?;
        transaction.commit().await?;
        Ok(ended)
    }

    /// One transaction of two statements: announces the end of a tenant's sessions, and writes one audit row for all of them.
    pub(crate) async fn cut_off(&self, cutoff: &Cutoff, announcement: Announcement<'_>) -> Result<(), StoreError> {
        self.repeated(|| async {
            let transaction = self.begin().await?;
            announce_cutoff(&transaction, self.dialect(), cutoff, announcement).await?;
            let entries = std::iter::once(AuditEntry::of(&cutoff.tenant, None, announcement));
            record(&transaction, self.dialect(), entries).await?;
            Ok(transaction.commit().await?)
        })
        .await
    }

    /// One read by primary key: the newest session of a tenant whose handle was made at `from` or after.
    pub(crate) async fn newest_from(
        &self,
        tenant: &TenantId,
        from: Timestamp,
    ) -> Result<Option<SessionHandle>, StoreError> {
        let find = "SELECT handle FROM {sessions} WHERE handle >= ? AND tenant = ? ORDER BY handle DESC LIMIT 1";
        let values = [SessionHandle::first_at(from).as_uuid().into(), tenant.as_str().into()];
        let found = self.query_one(self.dialect().sql(find).with(values)).await?;
        found.map(|row| column(&row, 0).map(SessionHandle::from_uuid)).transpose()
    }

    /// Two statements: deletes up to a page of the sessions of a tenant that were cut off, found along the index of users from
    /// `cursor` on. Answers how many went, and where to go on; `None` where none is left.
    pub(crate) async fn delete_cut_off(
        &self,
        cutoff: &Cutoff,
        cursor: Option<UserId>,
    ) -> Result<(u64, Option<UserId>), StoreError> {
        let find = "SELECT handle, user_id, actor FROM {sessions} WHERE tenant = ? AND user_id >= ? AND handle < ? \
                    ORDER BY user_id, handle LIMIT ?";
        let values = [
            cutoff.tenant.as_str().into(),
            cursor.as_ref().map_or("", UserId::as_str).into(),
            SessionHandle::first_at(cutoff.before).as_uuid().into(),
            (PAGE as i64).into(),
        ];
        let found = self.query_all(self.dialect().sql(find).with(values)).await?;
        let mut found = found.iter().map(Ended::read).collect::<Result<Vec<_>, _>>()?;
        let next = found.last().filter(|_| found.len() >= PAGE).map(|last| last.user_id.clone());
        // In one order everywhere, so that those who delete the same wait for each other rather than in a ring.
        found.sort_unstable_by_key(|ended| ended.handle);
        if found.is_empty() {
            return Ok((0, None));
        }
        let _way = self.make_way();
        let deleted = self.repeated(|| delete(&self.db, self.dialect(), &found)).await?;
        Ok((deleted, next))
    }
}

impl Doomed<'_> {
    /// The condition that finds them, and its values.
    fn condition(&self, tenant: &TenantId) -> (String, Vec<Value>) {
        let (condition, values): (_, Vec<Value>) = match self {
            Self::One(handle) => ("handle = ?".into(), vec![handle.as_uuid().into()]),
            Self::OneAt { handle, data_revision } => {
                ("handle = ? AND data_revision = ?".into(), vec![handle.as_uuid().into(), (*data_revision).into()])
            }
            Self::These(handles) => (
                format!("handle IN ({})", placeholders(handles.len())),
                handles.iter().map(|handle| handle.as_uuid().into()).collect(),
            ),
            Self::OfUser { user_id, except: None } => ("user_id = ?".into(), vec![user_id.as_str().into()]),
            Self::OfUser { user_id, except: Some(handle) } => {
                ("user_id = ? AND handle <> ?".into(), vec![user_id.as_str().into(), handle.as_uuid().into()])
            }
            Self::OfUserBefore { user_id, before } => {
                let first = SessionHandle::first_at(*before);
                ("user_id = ? AND handle < ?".into(), vec![user_id.as_str().into(), first.as_uuid().into()])
            }
        };
        (format!("tenant = ? AND {condition}"), std::iter::once(tenant.as_str().into()).chain(values).collect())
    }
}

impl Ended {
    fn read(row: &QueryResult) -> Result<Self, StoreError> {
        let user_id = |id: String| UserId::new(id).map_err(|_| StoreError::row("a user id"));
        Ok(Self {
            handle: SessionHandle::from_uuid(column::<Uuid>(row, 0)?),
            user_id: user_id(column(row, 1)?)?,
            actor: column::<Option<String>>(row, 2)?.map(user_id).transpose()?,
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
) -> Result<Vec<Ended>, StoreError> {
    let found = find(transaction, dialect, tenant, doomed).await?;
    for page in found.chunks(PAGE) {
        delete(transaction, dialect, page).await?;
        let handles = page.iter().map(|ended| ended.handle);
        announce_sessions(transaction, dialect, tenant, handles, announcement).await?;
        let entries = page.iter().map(|ended| AuditEntry::of(tenant, Some(ended), announcement));
        record(transaction, dialect, entries).await?;
    }
    Ok(found)
}

/// Finds and locks them, in one order everywhere.
async fn find(
    transaction: &DatabaseTransaction,
    dialect: &Dialect,
    tenant: &TenantId,
    doomed: Doomed<'_>,
) -> Result<Vec<Ended>, StoreError> {
    let (condition, values) = doomed.condition(tenant);
    let find =
        format!("SELECT handle, user_id, actor FROM {{sessions}} WHERE {condition} ORDER BY handle{{for update}}");
    let found = transaction.query_all_raw(dialect.sql(&find).with_all(values)).await?;
    found.iter().map(Ended::read).collect()
}

async fn delete(connection: &impl ConnectionTrait, dialect: &Dialect, ended: &[Ended]) -> Result<u64, StoreError> {
    let delete = format!("DELETE FROM {{sessions}} WHERE handle IN ({})", placeholders(ended.len()));
    let values = ended.iter().map(|ended| ended.handle.as_uuid().into());
    execute(connection, dialect.sql(&delete).with_all(values)).await
}
