//! Lists of sessions: what they say of each, whole, by the page, and counted. Session data is left where it is.
//!
//! Pages go along the handles, by an index or the primary key, so that none costs more for being far from the first, and what ends
//! in between moves no other.

use sea_orm::{QueryResult, Value};
use uuid::Uuid;

use super::dialect::column;
use super::row::{Document, LIVE, SessionRow, actor, cookie_lifetime, device, number};
use super::{Store, StoreError};
use crate::clock::Timestamp;
use crate::config::CookieLifetime;
use crate::device::Device;
use crate::id::{Generation, SessionHandle, TenantId, UserId};

/// The columns, in the order in which they are read below.
const COLUMNS: &str = "handle, tenant, user_id, payload, payload_kind, payload_version, generation, created_at, last_seen_at, \
     idle_expires_at, absolute_expires_at, remembered, actor, anonymous, device_label, user_agent, ip";

/// A session as lists have it: neither its data nor the digest of its secret.
#[derive(Clone)]
pub(crate) struct SessionSummary {
    pub(crate) handle: SessionHandle,
    pub(crate) tenant: TenantId,
    pub(crate) user_id: UserId,
    pub(crate) payload: Document,
    pub(crate) generation: Generation,
    pub(crate) created_at: Timestamp,
    pub(crate) last_seen_at: Timestamp,
    pub(crate) idle_expires_at: Timestamp,
    pub(crate) absolute_expires_at: Timestamp,
    pub(crate) cookie_lifetime: CookieLifetime,
    pub(crate) actor: Option<UserId>,
    pub(crate) anonymous: bool,
    pub(crate) device: Device,
}

/// Whose sessions a list is of, within its tenant.
#[derive(Clone, Copy)]
pub(crate) enum Listed<'a> {
    OfUser(&'a UserId),
    All,
}

/// A part of a list: what comes after `after`, up to `limit` of it.
#[derive(Clone, Copy)]
pub(crate) struct Part {
    pub(crate) after: Option<SessionHandle>,
    pub(crate) limit: usize,
}

impl Store {
    /// One read: the sessions that are not over, oldest first.
    pub(crate) async fn list(
        &self,
        tenant: &TenantId,
        listed: Listed<'_>,
        now: Timestamp,
    ) -> Result<Vec<SessionSummary>, StoreError> {
        let (condition, values) = listed.condition(tenant, now);
        self.summaries(&format!("{condition} ORDER BY handle"), values).await
    }

    /// One read: as [`list`](Self::list), a part of it.
    pub(crate) async fn list_part(
        &self,
        tenant: &TenantId,
        listed: Listed<'_>,
        part: Part,
        now: Timestamp,
    ) -> Result<Vec<SessionSummary>, StoreError> {
        let (condition, mut values) = listed.condition(tenant, now);
        values.push(part.after.map_or(Uuid::nil(), |after| after.as_uuid()).into());
        values.push(i64::try_from(part.limit).unwrap_or(i64::MAX).into());
        self.summaries(&format!("{condition} AND handle > ? ORDER BY handle LIMIT ?"), values).await
    }

    /// One read: how many sessions are not over.
    pub(crate) async fn count(&self, tenant: &TenantId, listed: Listed<'_>, now: Timestamp) -> Result<u64, StoreError> {
        let (condition, values) = listed.condition(tenant, now);
        let count = self.dialect().sql(&format!("SELECT COUNT(*) FROM {{sessions}} WHERE {condition}"));
        let Some(row) = self.query_one(count.with_all(values)).await? else { return Ok(0) };
        u64::try_from(column::<i64>(&row, 0)?).map_err(|_| StoreError::row("a count"))
    }

    async fn summaries(&self, condition: &str, values: Vec<Value>) -> Result<Vec<SessionSummary>, StoreError> {
        let select = self.dialect().sql(&format!("SELECT {COLUMNS} FROM {{sessions}} WHERE {condition}"));
        self.query_all(select.with_all(values)).await?.iter().map(SessionSummary::read).collect()
    }
}

impl Listed<'_> {
    /// The condition that finds those of them that are not over, and its values.
    fn condition(self, tenant: &TenantId, now: Timestamp) -> (String, Vec<Value>) {
        let (tenant, now): (Value, Value) = (tenant.as_str().into(), now.as_millis().into());
        match self {
            Self::OfUser(user_id) => (
                format!("tenant = ? AND user_id = ? AND {LIVE}"),
                vec![tenant, user_id.as_str().into(), now.clone(), now],
            ),
            Self::All => (format!("tenant = ? AND {LIVE}"), vec![tenant, now.clone(), now]),
        }
    }
}

impl SessionSummary {
    /// When the session ends unless it is refreshed before.
    pub(crate) fn expires_at(&self) -> Timestamp {
        self.idle_expires_at.min(self.absolute_expires_at)
    }

    fn read(row: &QueryResult) -> Result<Self, StoreError> {
        let time = |index| column(row, index).map(Timestamp::from_millis);
        Ok(Self {
            handle: SessionHandle::from_uuid(column::<Uuid>(row, 0)?),
            tenant: TenantId::new(column::<String>(row, 1)?).map_err(|_| StoreError::row("a tenant"))?,
            user_id: UserId::new(column::<String>(row, 2)?).map_err(|_| StoreError::row("a user id"))?,
            payload: Document {
                json: column(row, 3)?,
                kind: column(row, 4)?,
                version: number(column(row, 5)?, "a payload version")?,
            },
            generation: Generation::new(number(column(row, 6)?, "a generation")?),
            created_at: time(7)?,
            last_seen_at: time(8)?,
            idle_expires_at: time(9)?,
            absolute_expires_at: time(10)?,
            cookie_lifetime: cookie_lifetime(column(row, 11)?),
            actor: actor(row, 12)?,
            anonymous: column(row, 13)?,
            device: device(row, 14)?,
        })
    }
}

impl From<SessionRow> for SessionSummary {
    fn from(row: SessionRow) -> Self {
        Self {
            handle: row.handle,
            tenant: row.tenant,
            user_id: row.user_id,
            payload: row.payload,
            generation: row.generation,
            created_at: row.created_at,
            last_seen_at: row.last_seen_at,
            idle_expires_at: row.idle_expires_at,
            absolute_expires_at: row.absolute_expires_at,
            cookie_lifetime: row.cookie_lifetime,
            actor: row.actor,
            anonymous: row.anonymous,
            device: row.device,
        }
    }
}
