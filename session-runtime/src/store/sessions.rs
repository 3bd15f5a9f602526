//! Rows of `sessions`: insert, load, list, and the compare-and-sets. Saves are UPDATE-only, so none brings a deleted row back.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entity::session::{ActiveModel, Column, Entity, Model};
use super::entity::{Json, Sealed};
use super::{Store, StoreError};
use crate::clock::Timestamp;
use crate::config::CookieLifetime;
use crate::id::{Generation, SessionHandle, TenantId, UserId};

/// A JSON object with the type that wrote it.
#[derive(Clone)]
pub(crate) struct Document {
    pub(crate) json: String,
    pub(crate) kind: String,
    pub(crate) version: u32,
}

/// A session as it is stored.
#[derive(Clone)]
pub(crate) struct SessionRow {
    pub(crate) handle: SessionHandle,
    pub(crate) tenant: TenantId,
    pub(crate) user_id: UserId,
    pub(crate) payload: Document,
    pub(crate) payload_revision: i64,
    pub(crate) data: Document,
    pub(crate) data_revision: i64,
    pub(crate) secret_digest: [u8; 32],
    pub(crate) generation: Generation,
    pub(crate) confirmed: bool,
    pub(crate) rotated_at: Timestamp,
    pub(crate) created_at: Timestamp,
    pub(crate) authenticated_at: Timestamp,
    pub(crate) last_seen_at: Timestamp,
    pub(crate) idle_expires_at: Timestamp,
    pub(crate) absolute_expires_at: Timestamp,
    pub(crate) cookie_lifetime: CookieLifetime,
}

impl SessionRow {
    /// When the session ends unless it is refreshed before.
    pub(crate) fn expires_at(&self) -> Timestamp {
        self.idle_expires_at.min(self.absolute_expires_at)
    }
}

/// What a rotation writes.
#[derive(Clone, Copy)]
pub(crate) struct Rotation {
    pub(crate) next: Generation,
    pub(crate) now: Timestamp,
    pub(crate) idle_expires_at: Timestamp,
}

impl SessionRow {
    /// The row after a rotation.
    pub(crate) fn rotated(self, rotation: Rotation) -> Self {
        let Rotation { next, now, idle_expires_at } = rotation;
        Self { generation: next, confirmed: false, rotated_at: now, last_seen_at: now, idle_expires_at, ..self }
    }
}

/// How a compare-and-set ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Swap {
    /// The row was as expected and is now as wanted.
    Done,
    /// The row is gone or not as expected: read it again.
    Lost,
}

/// What a compare-and-set compares with.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Expect {
    /// The revision that was read.
    Revision(i64),
    /// Nothing: the last writer wins.
    Anything,
}

impl Swap {
    const fn of(rows_affected: u64) -> Self {
        if rows_affected == 0 { Self::Lost } else { Self::Done }
    }
}

impl Store {
    /// One statement.
    pub(crate) async fn insert(&self, session: &SessionRow) -> Result<(), StoreError> {
        // Not `ActiveModel::insert`: on SQLite its RETURNING is never stepped to the end, which reports a failed commit as done.
        Entity::insert(ActiveModel::from(session)).exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// One read by primary key. Expired rows are found too: whether they count is the desk's to say.
    pub(crate) async fn load(&self, handle: SessionHandle) -> Result<Option<SessionRow>, StoreError> {
        Entity::find_by_id(handle.as_uuid()).one(&self.db).await?.map(SessionRow::try_from).transpose()
    }

    /// One read: a user's sessions that are not over, oldest first.
    pub(crate) async fn list(
        &self,
        tenant: &TenantId,
        user_id: &UserId,
        now: Timestamp,
    ) -> Result<Vec<SessionRow>, StoreError> {
        let rows = Entity::find()
            .filter(of_user(tenant, user_id))
            .filter(Column::IdleExpiresAt.gt(now.as_millis()))
            .filter(Column::AbsoluteExpiresAt.gt(now.as_millis()))
            .order_by_asc(Column::Handle)
            .all(&self.db)
            .await?;
        rows.into_iter().map(SessionRow::try_from).collect()
    }

    /// One statement: carries a rotation out, if the row is still the one that it was decided on: its generation, and its payload,
    /// which goes into the access token.
    pub(crate) async fn rotate(&self, row: &SessionRow, rotation: Rotation) -> Result<Swap, StoreError> {
        let updated = Entity::update_many()
            .col_expr(Column::Generation, Expr::value(i64::from(rotation.next.number())))
            .col_expr(Column::Confirmed, Expr::value(false))
            .col_expr(Column::RotatedAt, Expr::value(rotation.now.as_millis()))
            .col_expr(Column::LastSeenAt, Expr::value(rotation.now.as_millis()))
            .col_expr(Column::IdleExpiresAt, Expr::value(rotation.idle_expires_at.as_millis()))
            .filter(Column::Handle.eq(row.handle.as_uuid()))
            .filter(Column::Generation.eq(i64::from(row.generation.number())))
            .filter(Column::PayloadRevision.eq(row.payload_revision))
            .exec(&self.db)
            .await?;
        Ok(Swap::of(updated.rows_affected))
    }

    /// One statement: writes the data, if it is still as expected.
    pub(crate) async fn update_data(
        &self,
        handle: SessionHandle,
        expected: Expect,
        data: Document,
    ) -> Result<Swap, StoreError> {
        let updated = Entity::update_many()
            .col_expr(Column::Data, Expr::value(data.json))
            .col_expr(Column::DataKind, Expr::value(data.kind))
            .col_expr(Column::DataVersion, Expr::value(i64::from(data.version)))
            .col_expr(Column::DataRevision, Expr::col(Column::DataRevision).add(1))
            .filter(Column::Handle.eq(handle.as_uuid()))
            .filter(expected.of(Column::DataRevision))
            .exec(&self.db)
            .await?;
        Ok(Swap::of(updated.rows_affected))
    }

    /// One statement: as [`update_data`](Self::update_data), of the payload.
    pub(crate) async fn update_payload(
        &self,
        handle: SessionHandle,
        expected: Expect,
        payload: Document,
    ) -> Result<Swap, StoreError> {
        let updated = Entity::update_many()
            .col_expr(Column::Payload, Expr::value(payload.json))
            .col_expr(Column::PayloadKind, Expr::value(payload.kind))
            .col_expr(Column::PayloadVersion, Expr::value(i64::from(payload.version)))
            .col_expr(Column::PayloadRevision, Expr::col(Column::PayloadRevision).add(1))
            .filter(Column::Handle.eq(handle.as_uuid()))
            .filter(expected.of(Column::PayloadRevision))
            .exec(&self.db)
            .await?;
        Ok(Swap::of(updated.rows_affected))
    }

    /// One statement: notes that the user proved who they are.
    pub(crate) async fn reauthenticate(&self, handle: SessionHandle, now: Timestamp) -> Result<Swap, StoreError> {
        let updated = Entity::update_many()
            .col_expr(Column::AuthenticatedAt, Expr::value(now.as_millis()))
            .filter(Column::Handle.eq(handle.as_uuid()))
            .exec(&self.db)
            .await?;
        Ok(Swap::of(updated.rows_affected))
    }

    /// Two statements: deletes up to `limit` sessions whose absolute end was before `cutoff`, found by their index.
    pub(crate) async fn purge_ended(&self, cutoff: Timestamp, limit: u64) -> Result<u64, StoreError> {
        let ended: Vec<uuid::Uuid> = Entity::find()
            .select_only()
            .column(Column::Handle)
            .filter(Column::AbsoluteExpiresAt.lte(cutoff.as_millis()))
            .limit(limit)
            .into_tuple()
            .all(&self.db)
            .await?;
        if ended.is_empty() {
            return Ok(0);
        }
        Ok(Entity::delete_many().filter(Column::Handle.is_in(ended)).exec(&self.db).await?.rows_affected)
    }

    /// Two statements: looks at the next `limit` rows behind `cursor` and deletes those that have been idle too long since before
    /// `cutoff`. Answers how many were deleted, and where to go on; `None` at the end of the table.
    pub(crate) async fn purge_idle(
        &self,
        cursor: Option<SessionHandle>,
        cutoff: Timestamp,
        limit: u64,
    ) -> Result<(u64, Option<SessionHandle>), StoreError> {
        let mut page = Entity::find()
            .select_only()
            .columns([Column::Handle, Column::IdleExpiresAt])
            .order_by_asc(Column::Handle)
            .limit(limit);
        if let Some(cursor) = cursor {
            page = page.filter(Column::Handle.gt(cursor.as_uuid()));
        }
        let rows: Vec<(uuid::Uuid, i64)> = page.into_tuple().all(&self.db).await?;
        let next = rows.last().filter(|_| rows.len() as u64 == limit).map(|row| SessionHandle::from_uuid(row.0));
        let cutoff = cutoff.as_millis();
        let idle: Vec<_> = rows.into_iter().filter(|row| row.1 <= cutoff).map(|row| row.0).collect();
        if idle.is_empty() {
            return Ok((0, next));
        }
        // Asked again: a refresh may have been faster.
        let still_idle = Column::IdleExpiresAt.lte(cutoff);
        let deleted =
            Entity::delete_many().filter(Column::Handle.is_in(idle)).filter(still_idle).exec(&self.db).await?;
        Ok((deleted.rows_affected, next))
    }
}

pub(super) fn of_user(tenant: &TenantId, user_id: &UserId) -> Condition {
    Condition::all().add(Column::Tenant.eq(tenant.as_str())).add(Column::UserId.eq(user_id.as_str()))
}

impl Expect {
    fn of(self, column: Column) -> Condition {
        match self {
            Self::Revision(revision) => Condition::all().add(column.eq(revision)),
            Self::Anything => Condition::all(),
        }
    }
}

impl From<&SessionRow> for ActiveModel {
    fn from(row: &SessionRow) -> Self {
        Self {
            handle: Set(row.handle.as_uuid()),
            tenant: Set(row.tenant.as_str().to_owned()),
            user_id: Set(row.user_id.as_str().to_owned()),
            payload: Set(Json(row.payload.json.clone())),
            payload_kind: Set(row.payload.kind.clone()),
            payload_version: Set(row.payload.version.into()),
            payload_revision: Set(row.payload_revision),
            data: Set(Json(row.data.json.clone())),
            data_kind: Set(row.data.kind.clone()),
            data_version: Set(row.data.version.into()),
            data_revision: Set(row.data_revision),
            secret_digest: Set(Sealed(row.secret_digest.to_vec())),
            generation: Set(row.generation.number().into()),
            confirmed: Set(row.confirmed),
            rotated_at: Set(row.rotated_at.as_millis()),
            created_at: Set(row.created_at.as_millis()),
            authenticated_at: Set(row.authenticated_at.as_millis()),
            last_seen_at: Set(row.last_seen_at.as_millis()),
            idle_expires_at: Set(row.idle_expires_at.as_millis()),
            absolute_expires_at: Set(row.absolute_expires_at.as_millis()),
            remembered: Set(row.cookie_lifetime == CookieLifetime::Persistent),
            device_label: Set(None),
            user_agent: Set(None),
            ip: Set(None),
        }
    }
}

impl TryFrom<Model> for SessionRow {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let version = |version: i64, what| u32::try_from(version).map_err(|_| StoreError::row(what));
        Ok(Self {
            handle: SessionHandle::from_uuid(row.handle),
            tenant: TenantId::new(row.tenant).map_err(|_| StoreError::row("a tenant"))?,
            user_id: UserId::new(row.user_id).map_err(|_| StoreError::row("a user id"))?,
            payload: Document {
                json: row.payload.0,
                kind: row.payload_kind,
                version: version(row.payload_version, "a payload version")?,
            },
            payload_revision: row.payload_revision,
            data: Document {
                json: row.data.0,
                kind: row.data_kind,
                version: version(row.data_version, "a data version")?,
            },
            data_revision: row.data_revision,
            secret_digest: row.secret_digest.0.try_into().map_err(|_| StoreError::row("a digest"))?,
            generation: Generation::new(version(row.generation, "a generation")?),
            confirmed: row.confirmed,
            rotated_at: Timestamp::from_millis(row.rotated_at),
            created_at: Timestamp::from_millis(row.created_at),
            authenticated_at: Timestamp::from_millis(row.authenticated_at),
            last_seen_at: Timestamp::from_millis(row.last_seen_at),
            idle_expires_at: Timestamp::from_millis(row.idle_expires_at),
            absolute_expires_at: Timestamp::from_millis(row.absolute_expires_at),
            cookie_lifetime: if row.remembered { CookieLifetime::Persistent } else { CookieLifetime::BrowserSession },
        })
    }
}
