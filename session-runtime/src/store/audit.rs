//! Rows of `session_audit`: written in the transaction that ends what they tell of, read by pages, purged by age.

use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

use super::dialect::{Dialect, column, placeholders, rows_of_placeholders};
use super::invalidations::Announcement;
use super::revocations::Ended;
use super::{Store, StoreError, execute};
use crate::clock::Timestamp;
use crate::id::{SessionHandle, TenantId, UserId};
use crate::reason::RevocationReason;

/// A row as it is written. A row about a whole tenant has neither session nor user.
pub(super) struct AuditEntry<'a> {
    tenant: &'a TenantId,
    ended: Option<&'a Ended>,
    announcement: Announcement<'a>,
}

/// A row as it is read.
#[derive(Clone, Debug)]
pub(crate) struct AuditRow {
    pub(crate) sequence: i64,
    pub(crate) happened_at: Timestamp,
    pub(crate) event: String,
    pub(crate) tenant: TenantId,
    pub(crate) user_id: Option<UserId>,
    pub(crate) handle: Option<SessionHandle>,
    pub(crate) actor: Option<UserId>,
    pub(crate) reason: RevocationReason,
    /// JSON.
    pub(crate) detail: Option<String>,
}

/// Which rows to read.
pub(crate) struct AuditPage<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) user_id: Option<&'a UserId>,
    pub(crate) newest_first: bool,
    /// The last row that was read before.
    pub(crate) after: Option<i64>,
    pub(crate) limit: i64,
}

impl Store {
    /// One read: a page of a tenant's audit rows, or of one user's.
    pub(crate) async fn audit(&self, page: AuditPage<'_>) -> Result<Vec<AuditRow>, StoreError> {
        let (beyond, order) = if page.newest_first { ("<", "DESC") } else { (">", "ASC") };
        let of_user = if page.user_id.is_some() { "AND user_id = ? " } else { "" };
        let read = format!(
            "SELECT sequence, happened_at, event, tenant, user_id, handle, actor, reason, detail FROM {{session_audit}} \
             WHERE tenant = ? {of_user}AND sequence {beyond} ? ORDER BY sequence {order} LIMIT ?"
        );
        let from = page.after.unwrap_or(if page.newest_first { i64::MAX } else { 0 });
        let values = [Value::from(page.tenant.as_str())]
            .into_iter()
            .chain(page.user_id.map(|user_id| user_id.as_str().into()))
            .chain([from.into(), page.limit.into()]);
        self.query_all(self.dialect().sql(&read).with_all(values)).await?.iter().map(AuditRow::read).collect()
    }

    /// Two statements: deletes up to `limit` rows from before `cutoff`, found by their index.
    pub(crate) async fn purge_audit(&self, cutoff: Timestamp, limit: i64) -> Result<u64, StoreError> {
        let find = "SELECT sequence FROM {session_audit} WHERE happened_at <= ? ORDER BY happened_at LIMIT ?";
        let found = self.query_all(self.dialect().sql(find).with([cutoff.as_millis().into(), limit.into()])).await?;
        let old = found.iter().map(|row| column(row, 0)).collect::<Result<Vec<i64>, _>>()?;
        if old.is_empty() {
            return Ok(0);
        }
        let delete = format!("DELETE FROM {{session_audit}} WHERE sequence IN ({})", placeholders(old.len()));
        self.execute(self.dialect().sql(&delete).with_all(old.into_iter().map(Into::into))).await
    }
}

/// Writes rows, at most a page of them, within a transaction.
pub(super) async fn record<'a>(
    connection: &impl ConnectionTrait,
    dialect: &Dialect,
    entries: impl ExactSizeIterator<Item = AuditEntry<'a>>,
) -> Result<(), StoreError> {
    let insert = format!(
        "INSERT INTO {{session_audit}} (happened_at, event, tenant, user_id, handle, actor, reason, detail) VALUES {}",
        rows_of_placeholders(entries.len(), 8)
    );
    let values = entries.flat_map(|entry| entry.values());
    execute(connection, dialect.sql(&insert).with_all(values)).await?;
    Ok(())
}

impl<'a> AuditEntry<'a> {
    pub(super) const fn of(tenant: &'a TenantId, ended: Option<&'a Ended>, announcement: Announcement<'a>) -> Self {
        Self { tenant, ended, announcement }
    }

    fn values(&self) -> [Value; 8] {
        [
            self.announcement.now.as_millis().into(),
            self.announcement.audited.event.into(),
            self.tenant.as_str().into(),
            self.ended.map_or("", |ended| ended.user_id.as_str()).into(),
            self.ended.map_or(Uuid::nil(), |ended| ended.handle.as_uuid()).into(),
            self.ended.and_then(|ended| ended.actor.as_ref()).map(UserId::as_str).into(),
            self.announcement.reason.as_str().into(),
            self.announcement.audited.detail.into(),
        ]
    }
}

impl AuditRow {
    fn read(row: &QueryResult) -> Result<Self, StoreError> {
        let user_id = |id: String| UserId::new(id).map_err(|_| StoreError::row("a user id"));
        Ok(Self {
            sequence: column(row, 0)?,
            happened_at: Timestamp::from_millis(column(row, 1)?),
            event: column(row, 2)?,
            tenant: TenantId::new(column::<String>(row, 3)?).map_err(|_| StoreError::row("a tenant"))?,
            user_id: Some(column::<String>(row, 4)?).filter(|id| !id.is_empty()).map(user_id).transpose()?,
            handle: Some(column::<Uuid>(row, 5)?).filter(|uuid| !uuid.is_nil()).map(SessionHandle::from_uuid),
            actor: column::<Option<String>>(row, 6)?.map(user_id).transpose()?,
            reason: RevocationReason::from_stored(&column::<String>(row, 7)?),
            detail: column(row, 8)?,
        })
    }
}
