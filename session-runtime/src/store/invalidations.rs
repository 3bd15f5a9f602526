//! Rows of `session_invalidations`, and the revocations that write them: the row's end and its announcement are one transaction.

use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entity::{invalidation, session};
use super::sessions::of_user;
use super::{Store, StoreError};
use crate::clock::Timestamp;
use crate::id::{SessionHandle, TenantId, UserId};

/// What an announcement is about. The design has room for users; each session is announced by itself, which needs no comparison
/// of clocks.
const SESSION: &str = "session";

/// How many announcements one statement reads or writes.
pub(crate) const PAGE: usize = 500;

/// A session that is over although its tokens still verify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Invalidation {
    pub(crate) sequence: i64,
    /// Nothing where another version of this library announced something else.
    pub(crate) handle: Option<SessionHandle>,
    pub(crate) expires_at: Timestamp,
}

/// Which sessions a revocation ends.
pub(crate) enum Doomed<'a> {
    One(SessionHandle),
    OfUser { user_id: &'a UserId, except: Option<SessionHandle> },
}

/// When and why, and until when nodes must remember it.
#[derive(Clone, Copy)]
pub(crate) struct Announcement<'a> {
    pub(crate) reason: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) expires_at: Timestamp,
}

impl Store {
    /// One transaction: deletes the sessions and announces their end. Answers those that there were.
    pub(crate) async fn revoke(
        &self,
        tenant: &TenantId,
        doomed: Doomed<'_>,
        announcement: Announcement<'_>,
    ) -> Result<Vec<SessionHandle>, StoreError> {
        let transaction = self.begin().await?;
        let found = find(&transaction, doomed.condition(tenant)).await?;
        for page in found.chunks(PAGE) {
            delete(&transaction, page).await?;
            announce(&transaction, tenant, page, announcement).await?;
        }
        transaction.commit().await?;
        Ok(found)
    }

    /// One read: the announcements from `sequence` on, oldest first; at most a page of them.
    pub(crate) async fn invalidations_from(&self, sequence: i64) -> Result<Vec<Invalidation>, StoreError> {
        let rows = invalidation::Entity::find()
            .filter(invalidation::Column::Sequence.gte(sequence))
            .order_by_asc(invalidation::Column::Sequence)
            .limit(PAGE as u64)
            .all(&self.db)
            .await?;
        Ok(rows.iter().map(Invalidation::of).collect())
    }

    /// One statement: forgets announcements that concern no token any more.
    pub(crate) async fn purge_invalidations(&self, now: Timestamp) -> Result<u64, StoreError> {
        let over = invalidation::Column::ExpiresAt.lte(now.as_millis());
        Ok(invalidation::Entity::delete_many().filter(over).exec(&self.db).await?.rows_affected)
    }
}

impl Doomed<'_> {
    fn condition(&self, tenant: &TenantId) -> Condition {
        match self {
            Self::One(handle) => Condition::all()
                .add(session::Column::Tenant.eq(tenant.as_str()))
                .add(session::Column::Handle.eq(handle.as_uuid())),
            Self::OfUser { user_id, except } => {
                of_user(tenant, user_id).add_option(except.map(|handle| session::Column::Handle.ne(handle.as_uuid())))
            }
        }
    }
}

impl Invalidation {
    fn of(row: &invalidation::Model) -> Self {
        let handle = (row.subject == SESSION).then(|| row.subject_id.parse().ok()).flatten();
        Self { sequence: row.sequence, handle, expires_at: Timestamp::from_millis(row.expires_at) }
    }
}

async fn find(transaction: &DatabaseTransaction, condition: Condition) -> Result<Vec<SessionHandle>, StoreError> {
    let handles: Vec<uuid::Uuid> = session::Entity::find()
        .select_only()
        .column(session::Column::Handle)
        .filter(condition)
        .into_tuple()
        .all(transaction)
        .await?;
    Ok(handles.into_iter().map(SessionHandle::from_uuid).collect())
}

async fn delete(transaction: &DatabaseTransaction, handles: &[SessionHandle]) -> Result<(), StoreError> {
    let handles = handles.iter().map(SessionHandle::as_uuid);
    session::Entity::delete_many().filter(session::Column::Handle.is_in(handles)).exec(transaction).await?;
    Ok(())
}

async fn announce(
    transaction: &DatabaseTransaction,
    tenant: &TenantId,
    handles: &[SessionHandle],
    announcement: Announcement<'_>,
) -> Result<(), StoreError> {
    let rows = handles.iter().map(|handle| invalidation::ActiveModel {
        sequence: NotSet,
        tenant: Set(tenant.as_str().to_owned()),
        subject: Set(SESSION.to_owned()),
        subject_id: Set(handle.to_string()),
        not_before: Set(announcement.now.as_millis()),
        reason: Set(announcement.reason.to_owned()),
        expires_at: Set(announcement.expires_at.as_millis()),
    });
    invalidation::Entity::insert_many(rows).exec_without_returning(transaction).await?;
    Ok(())
}
