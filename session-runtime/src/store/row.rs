//! A session as it is stored: the row, its columns, and the way between the two.

use std::time::Duration;

use sea_orm::{QueryResult, Value};
use uuid::Uuid;

use super::StoreError;
use super::dialect::column;
use crate::clock::Timestamp;
use crate::config::CookieLifetime;
use crate::device::Device;
use crate::id::{Generation, SessionHandle, TenantId, UserId};

/// The columns of a session, in the order in which the functions below write and read them.
pub(super) const COLUMNS: &str = "handle, tenant, user_id, payload, payload_kind, payload_version, payload_revision, \
     secret_digest, generation, confirmed, rotated_at, created_at, authenticated_at, last_seen_at, idle_expires_at, \
     absolute_expires_at, remembered, idle_timeout, access_token_lifetime, actor, anonymous, device_label, user_agent, ip";

/// Those of its data, which come after them.
pub(super) const DATA_COLUMNS: &str = "data, data_kind, data_version, data_revision";

/// How many they are together.
pub(super) const WIDTH: usize = 28;

/// What is not over: its values are the present time, twice.
pub(super) const LIVE: &str = "idle_expires_at > ? AND absolute_expires_at > ?";

/// A JSON object with the type that wrote it.
#[derive(Clone)]
pub(crate) struct Document {
    pub(crate) json: String,
    pub(crate) kind: String,
    pub(crate) version: u32,
}

/// A session as it is stored, less its data, which refreshing has no use for.
#[derive(Clone)]
pub(crate) struct SessionRow {
    pub(crate) handle: SessionHandle,
    pub(crate) tenant: TenantId,
    pub(crate) user_id: UserId,
    pub(crate) payload: Document,
    /// Grows by one with every write of the payload: what compare-and-set compares.
    pub(crate) payload_revision: i64,
    /// SHA-256 of the secret in the refresh token: nobody can go back from it.
    pub(crate) secret_digest: [u8; 32],
    pub(crate) generation: Generation,
    /// Whether a token of this generation was ever seen in use.
    pub(crate) confirmed: bool,
    pub(crate) rotated_at: Timestamp,
    pub(crate) created_at: Timestamp,
    pub(crate) authenticated_at: Timestamp,
    pub(crate) last_seen_at: Timestamp,
    pub(crate) idle_expires_at: Timestamp,
    pub(crate) absolute_expires_at: Timestamp,
    pub(crate) cookie_lifetime: CookieLifetime,
    /// The session's own idle timeout, where it is not the policy's.
    pub(crate) idle_timeout: Option<Duration>,
    /// How long its access tokens are good for, where that is less than the policy says.
    pub(crate) access_token_lifetime: Option<Duration>,
    /// Who acts as the user: impersonation.
    pub(crate) actor: Option<UserId>,
    /// Whether its user never said who they are.
    pub(crate) anonymous: bool,
    pub(crate) device: Device,
}

/// A session as it is stored.
#[derive(Clone)]
pub(crate) struct StoredSession {
    pub(crate) row: SessionRow,
    pub(crate) data: Document,
    /// As `payload_revision`, of the data.
    pub(crate) data_revision: i64,
}

impl SessionRow {
    /// When the session ends unless it is refreshed before.
    pub(crate) fn expires_at(&self) -> Timestamp {
        self.idle_expires_at.min(self.absolute_expires_at)
    }

    pub(super) fn read(row: &QueryResult) -> Result<Self, StoreError> {
        let time = |index| column(row, index).map(Timestamp::from_millis);
        let duration = |index| Ok::<_, StoreError>(column::<Option<i64>>(row, index)?.map(duration_of));
        Ok(Self {
            handle: handle(row)?,
            tenant: TenantId::new(column::<String>(row, 1)?).map_err(|_| StoreError::row("a tenant"))?,
            user_id: UserId::new(column::<String>(row, 2)?).map_err(|_| StoreError::row("a user id"))?,
            payload: Document {
                json: column(row, 3)?,
                kind: column(row, 4)?,
                version: number(column(row, 5)?, "a payload version")?,
            },
            payload_revision: column(row, 6)?,
            secret_digest: column::<Vec<u8>>(row, 7)?.try_into().map_err(|_| StoreError::row("a digest"))?,
            generation: Generation::new(number(column(row, 8)?, "a generation")?),
            confirmed: column(row, 9)?,
            rotated_at: time(10)?,
            created_at: time(11)?,
            authenticated_at: time(12)?,
            last_seen_at: time(13)?,
            idle_expires_at: time(14)?,
            absolute_expires_at: time(15)?,
            cookie_lifetime: cookie_lifetime(column(row, 16)?),
            idle_timeout: duration(17)?,
            access_token_lifetime: duration(18)?,
            actor: actor(row, 19)?,
            anonymous: column(row, 20)?,
            device: device(row, 21)?,
        })
    }
}

impl StoredSession {
    pub(super) fn to_values(&self) -> [Value; WIDTH] {
        let row = &self.row;
        [
            row.handle.as_uuid().into(),
            row.tenant.as_str().into(),
            row.user_id.as_str().into(),
            row.payload.json.as_str().into(),
            row.payload.kind.as_str().into(),
            i64::from(row.payload.version).into(),
            row.payload_revision.into(),
            row.secret_digest.to_vec().into(),
            i64::from(row.generation.number()).into(),
            row.confirmed.into(),
            row.rotated_at.as_millis().into(),
            row.created_at.as_millis().into(),
            row.authenticated_at.as_millis().into(),
            row.last_seen_at.as_millis().into(),
            row.idle_expires_at.as_millis().into(),
            row.absolute_expires_at.as_millis().into(),
            (row.cookie_lifetime == CookieLifetime::Persistent).into(),
            row.idle_timeout.map(millis).into(),
            row.access_token_lifetime.map(millis).into(),
            row.actor.as_ref().map(UserId::as_str).into(),
            row.anonymous.into(),
            row.device.label.as_deref().into(),
            row.device.user_agent.as_deref().into(),
            row.device.address.map(|address| address.to_string()).into(),
            self.data.json.as_str().into(),
            self.data.kind.as_str().into(),
            i64::from(self.data.version).into(),
            self.data_revision.into(),
        ]
    }

    pub(super) fn read(row: &QueryResult) -> Result<Self, StoreError> {
        Ok(Self {
            row: SessionRow::read(row)?,
            data: Document {
                json: column(row, 24)?,
                kind: column(row, 25)?,
                version: number(column(row, 26)?, "a data version")?,
            },
            data_revision: column(row, 27)?,
        })
    }
}

pub(super) fn handle(row: &QueryResult) -> Result<SessionHandle, StoreError> {
    Ok(SessionHandle::from_uuid(column::<Uuid>(row, 0)?))
}

pub(super) fn actor(row: &QueryResult, index: usize) -> Result<Option<UserId>, StoreError> {
    let actor = column::<Option<String>>(row, index)?.map(UserId::new);
    actor.transpose().map_err(|_| StoreError::row("an actor"))
}

/// The three columns that begin at `first`.
pub(super) fn device(row: &QueryResult, first: usize) -> Result<Device, StoreError> {
    Ok(Device {
        label: column(row, first)?,
        user_agent: column(row, first + 1)?,
        // What cannot be read as an address is none: it is shown to people, and decides nothing.
        address: column::<Option<String>>(row, first + 2)?.and_then(|address| address.parse().ok()),
    })
}

pub(super) const fn cookie_lifetime(remembered: bool) -> CookieLifetime {
    if remembered { CookieLifetime::Persistent } else { CookieLifetime::BrowserSession }
}

pub(super) fn number(stored: i64, what: &'static str) -> Result<u32, StoreError> {
    u32::try_from(stored).map_err(|_| StoreError::row(what))
}

pub(super) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn duration_of(millis: i64) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}
