//! Rows of `sessions`: insert, load, and the compare-and-sets. Saves are UPDATE-only, so none brings a deleted row back.

use std::time::Duration;

use sea_orm::{QueryResult, Statement, Value};
use uuid::Uuid;

use super::dialect::{Dialect, Engine, Sql, placeholders, rows_of_placeholders};
use super::group::{MOST, Write};
use super::invalidations::announce_payload;
use super::row::{COLUMNS, DATA_COLUMNS, Document, Identity, LIVE, SessionRow, StoredSession, WIDTH, millis};
use super::{Store, StoreError, execute};
use crate::clock::Timestamp;
use crate::device::Device;
use crate::id::{Generation, SessionHandle, TenantId};

/// What a rotation writes.
#[derive(Clone)]
pub(crate) struct Rotation {
    pub(crate) next: Generation,
    pub(crate) now: Timestamp,
    pub(crate) idle_expires_at: Timestamp,
    /// The payload that the session goes on with, where it is another.
    pub(crate) payload: Option<Document>,
    /// Where the session is now used from, which costs no statement of its own.
    pub(crate) device: Device,
}

/// A rotation that asks nothing before: whoever presents the newest generation of a session that is not over gets the next one.
pub(crate) struct Advance {
    pub(crate) handle: SessionHandle,
    pub(crate) presented: Generation,
    pub(crate) secret_digest: [u8; 32],
    pub(crate) now: Timestamp,
    /// Of sessions that have none of their own.
    pub(crate) idle_timeout: Duration,
    /// A longer payload is for somebody to look at before.
    pub(crate) longest_payload: Option<usize>,
    pub(crate) device: Device,
}

impl Advance {
    fn longest(&self) -> i64 {
        self.longest_payload.and_then(|longest| i64::try_from(longest).ok()).unwrap_or(i64::MAX)
    }

    /// In the order of `advance_all`.
    fn to_values(&self) -> [Value; 9] {
        [
            self.handle.as_uuid().into(),
            i64::from(self.presented.number()).into(),
            i64::from(self.presented.next().number()).into(),
            self.secret_digest.to_vec().into(),
            self.now.as_millis().into(),
            millis(self.idle_timeout).into(),
            self.device.user_agent.as_deref().into(),
            self.device.address.map(|address| address.to_string()).into(),
            self.longest().into(),
        ]
    }

    /// That of the row that it writes.
    pub(super) const fn identity(&self) -> Identity {
        Identity { handle: self.handle, secret_digest: self.secret_digest, generation: self.presented.next() }
    }
}

impl SessionRow {
    /// The row after a rotation.
    pub(crate) fn rotated(self, rotation: &Rotation) -> Self {
        let Rotation { next, now, idle_expires_at, .. } = *rotation;
        Self {
            generation: next,
            confirmed: false,
            rotated_at: now,
            last_seen_at: now,
            idle_expires_at,
            payload_revision: self.payload_revision + i64::from(rotation.payload.is_some()),
            payload: rotation.payload.clone().unwrap_or(self.payload),
            device: rotation.device.clone(),
            ..self
        }
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

/// The statements of this file.
pub(super) struct SessionStatements {
    /// Of 1, 2, 4, … rows.
    inserts: Vec<Sql>,
    load: Load,
    load_row: Load,
    rename: Sql,
    advance: Sql,
    /// Of several sessions, as arrays.
    advance_all: Sql,
    /// Of any number of rows, as arrays.
    insert_all: Sql,
    rotate: Sql,
    rotate_with_payload: Sql,
    data: Save,
    payload: Sql,
    reauthenticate: Sql,
}

/// A read as it is, and one that has a node of a Galera cluster apply first what was committed on the others.
struct Load {
    now: Sql,
    in_order: Sql,
}

/// A save of the data with a compare-and-set, and one without.
struct Save {
    if_expected: Sql,
    anyway: Sql,
}

impl SessionStatements {
    pub(super) fn new(dialect: &Dialect) -> Self {
        Self {
            inserts: (0..=MOST.ilog2()).map(|log| dialect.sql(&insert(1 << log))).collect(),
            load: Load::of(&format!("{COLUMNS}, {DATA_COLUMNS}"), dialect),
            load_row: Load::of(COLUMNS, dialect),
            rename: dialect
                .sql(&format!("UPDATE {{sessions}} SET device_label = ? WHERE tenant = ? AND handle = ? AND {LIVE}")),
            advance: dialect.sql(&advance()),
            advance_all: dialect.sql(&advance_all()),
            insert_all: dialect.sql(&insert_all()),
            rotate: dialect.sql(&rotate("")),
            rotate_with_payload: dialect.sql(&rotate(
                ", payload = ?, payload_kind = ?, payload_version = ?, payload_revision = payload_revision + 1",
            )),
            data: Save::new(dialect),
            payload: dialect.sql(&format!(
                "UPDATE {{sessions}} SET payload = ?, payload_kind = ?, payload_version = ?, payload_revision = ? \
                 WHERE handle = ? AND {LIVE} AND payload_revision = ?"
            )),
            reauthenticate: dialect
                .sql(&format!("UPDATE {{sessions}} SET authenticated_at = ? WHERE handle = ? AND {LIVE}")),
        }
    }
}

/// The happy path of `rotation::decide`, with `Core::idle_expiry`: to be changed together. Who is over is none of those that advance, and
/// nobody was idle since before they were last here.
fn advance() -> String {
    format!(
        "UPDATE {{sessions}} SET generation = ?, confirmed = ?, rotated_at = ?, last_seen_at = ?, \
         idle_expires_at = {{least}}({{greatest}}(rotated_at, ?) + COALESCE(idle_timeout, ?), absolute_expires_at), \
         user_agent = COALESCE(?, user_agent), ip = COALESCE(?, ip) \
         WHERE handle = ? AND generation = ? AND secret_digest = ? AND {LIVE} AND {{octets of payload}} <= ? \
         RETURNING {COLUMNS}"
    )
}

/// The same of several sessions, whose values come as columns. One that comes twice advances once.
fn advance_all() -> String {
    let columns: Vec<_> = COLUMNS.split(", ").map(|column| format!("s.{column}")).collect();
    format!(
        "UPDATE {{sessions}} AS s SET generation = v.next, confirmed = false, rotated_at = v.now, last_seen_at = v.now, \
         idle_expires_at = least(greatest(s.rotated_at, v.now) + COALESCE(s.idle_timeout, v.idle), s.absolute_expires_at), \
         user_agent = COALESCE(v.user_agent, s.user_agent), ip = COALESCE(v.ip, s.ip) \
         FROM unnest({}) AS v (handle, presented, next, digest, now, idle, user_agent, ip, longest) \
         WHERE s.handle = v.handle AND s.generation = v.presented AND s.secret_digest = v.digest \
         AND s.idle_expires_at > v.now AND s.absolute_expires_at > v.now AND octet_length(s.payload) <= v.longest \
         RETURNING {}",
        placeholders(9),
        columns.join(", ")
    )
}

fn insert_all() -> String {
    let columns = placeholders(WIDTH);
    format!("INSERT INTO {{sessions}} ({COLUMNS}, {DATA_COLUMNS}) SELECT * FROM unnest({columns})")
}

fn insert(rows: usize) -> String {
    format!("INSERT INTO {{sessions}} ({COLUMNS}, {DATA_COLUMNS}) VALUES {}", rows_of_placeholders(rows, WIDTH))
}

fn rotate(payload: &str) -> String {
    format!(
        "UPDATE {{sessions}} SET generation = ?, confirmed = ?, rotated_at = ?, last_seen_at = ?, \
         idle_expires_at = ?, user_agent = ?, ip = ?{payload} WHERE handle = ? AND generation = ? AND payload_revision = ?"
    )
}

/// MariaDB reads it; to MySQL it is a comment.
const IN_ORDER: &str = "/*M! SET STATEMENT wsrep_sync_wait = 1 FOR */ ";

impl Load {
    fn of(columns: &str, dialect: &Dialect) -> Self {
        let now = format!("SELECT {columns} FROM {{sessions}} WHERE handle = ?");
        Self { in_order: dialect.sql(&format!("{IN_ORDER}{now}")), now: dialect.sql(&now) }
    }
}

impl Save {
    fn new(dialect: &Dialect) -> Self {
        let anyway = format!(
            "UPDATE {{sessions}} SET data = ?, data_kind = ?, data_version = ?, data_revision = data_revision + 1 \
             WHERE handle = ? AND {LIVE}"
        );
        let if_expected = format!("{anyway} AND data_revision = ?");
        Self { if_expected: dialect.sql(&if_expected), anyway: dialect.sql(&anyway) }
    }

    fn statement(&self, handle: SessionHandle, expected: Expect, document: Document, now: Timestamp) -> Statement {
        let Document { json, kind, version } = document;
        let (version, handle, now) = (i64::from(version), handle.as_uuid(), now.as_millis());
        let values = [json.into(), kind.into(), version.into(), handle.into(), now.into(), now.into()];
        match expected {
            Expect::Revision(revision) => self.if_expected.with_all(values.into_iter().chain([revision.into()])),
            Expect::Anything => self.anyway.with(values),
        }
    }
}

impl Swap {
    const fn of(rows_affected: u64) -> Self {
        if rows_affected == 0 { Self::Lost } else { Self::Done }
    }
}

impl Store {
    /// One statement, which may be one for several sessions.
    pub(crate) async fn insert(&self, session: &StoredSession) -> Result<(), StoreError> {
        self.write(Write::Row(Box::new(session.to_values()))).await?;
        Ok(())
    }

    /// One read by primary key; where there is no such row, on MySQL and MariaDB another. Expired rows are found too: whether they count
    /// is the desk's to say.
    pub(crate) async fn load(&self, handle: SessionHandle) -> Result<Option<StoredSession>, StoreError> {
        self.find(&self.sessions().load, handle).await?.as_ref().map(StoredSession::read).transpose()
    }

    /// As [`load`](Self::load), without the data.
    pub(crate) async fn load_row(&self, handle: SessionHandle) -> Result<Option<SessionRow>, StoreError> {
        self.find(&self.sessions().load_row, handle).await?.as_ref().map(SessionRow::read).transpose()
    }

    async fn find(&self, load: &Load, handle: SessionHandle) -> Result<Option<QueryResult>, StoreError> {
        match self.query_one(load.now.with([handle.as_uuid().into()])).await? {
            None => self.find_in_order(load, handle).await,
            found => Ok(found),
        }
    }

    /// Looks again for a row that is not there: a node of a Galera cluster may not have applied yet what another has acknowledged, for as
    /// long as its disk is slow, or until it notices that it was left behind.
    async fn find_in_order(&self, load: &Load, handle: SessionHandle) -> Result<Option<QueryResult>, StoreError> {
        if self.dialect().engine != Engine::MySql {
            return Ok(None);
        }
        match self.query_one(load.in_order.with([handle.as_uuid().into()])).await {
            // Built without Galera.
            Err(error) if error.is_unknown_variable() => Ok(None),
            found => found,
        }
    }

    /// Has this node apply what was committed anywhere before. One statement on MySQL and MariaDB, none elsewhere.
    pub(super) async fn catch_up(&self) -> Result<(), StoreError> {
        self.find_in_order(&self.sessions().load_row, SessionHandle::from_uuid(Uuid::nil())).await.map(drop)
    }

    /// Whether the session is there after all that was committed anywhere before. One statement on MySQL and MariaDB, none elsewhere.
    pub(super) async fn is_there_in_order(&self, handle: SessionHandle) -> Result<bool, StoreError> {
        Ok(self.find_in_order(&self.sessions().load_row, handle).await?.is_some())
    }

    /// Whether the engine can [`advance`](Self::advance).
    pub(crate) fn advances(&self) -> bool {
        self.dialect().engine != Engine::MySql
    }

    /// One statement: what the rule decides of whoever presents the newest generation of a live session, and nothing for anybody else. The
    /// row as it then stands.
    pub(crate) async fn advance(&self, advance: Advance) -> Result<Option<SessionRow>, StoreError> {
        // All rows are asked for, so that SQLite steps to the end: with the first one alone, a commit that failed would pass for done.
        let written = self.write(Write::Advance(Box::new(advance))).await?;
        written.returned.first().map(SessionRow::read).transpose()
    }

    pub(super) fn advance_of(&self, advance: &Advance) -> Statement {
        let Advance { handle, presented, secret_digest, idle_timeout, .. } = *advance;
        let now = advance.now.as_millis();
        self.sessions().advance.with([
            i64::from(presented.next().number()).into(),
            false.into(),
            now.into(),
            now.into(),
            now.into(),
            millis(idle_timeout).into(),
            advance.device.user_agent.as_deref().into(),
            advance.device.address.map(|address| address.to_string()).into(),
            handle.as_uuid().into(),
            i64::from(presented.number()).into(),
            secret_digest.to_vec().into(),
            now.into(),
            now.into(),
            advance.longest().into(),
        ])
    }

    /// In the order of handles, so that nodes which advance the same sessions wait for each other, and not in a circle.
    pub(super) fn advance_of_all(&self, advances: &[&Advance]) -> Statement {
        let mut advances = advances.to_vec();
        advances.sort_by_key(|advance| advance.handle.as_uuid());
        let rows: Vec<_> = advances.into_iter().map(Advance::to_values).collect();
        self.sessions().advance_all.with_columns(&rows.iter().collect::<Vec<_>>())
    }

    /// One statement: carries a rotation out, if the row is still the one that it was decided on: its generation, and its payload,
    /// which goes into the access token.
    pub(crate) async fn rotate(&self, row: &SessionRow, rotation: &Rotation) -> Result<Swap, StoreError> {
        let written = [
            i64::from(rotation.next.number()).into(),
            false.into(),
            rotation.now.as_millis().into(),
            rotation.now.as_millis().into(),
            rotation.idle_expires_at.as_millis().into(),
            rotation.device.user_agent.as_deref().into(),
            rotation.device.address.map(|address| address.to_string()).into(),
        ];
        let compared =
            [row.handle.as_uuid().into(), i64::from(row.generation.number()).into(), row.payload_revision.into()];
        let statement = match &rotation.payload {
            None => self.sessions().rotate.with_all(written.into_iter().chain(compared)),
            Some(Document { json, kind, version }) => {
                let payload = [json.as_str().into(), kind.as_str().into(), i64::from(*version).into()];
                self.sessions().rotate_with_payload.with_all(written.into_iter().chain(payload).chain(compared))
            }
        };
        Ok(Swap::of(self.write(Write::Rotation(statement)).await?.rows))
    }

    /// One statement: writes the data, if the session is not over and it is still as expected.
    pub(crate) async fn update_data(
        &self,
        handle: SessionHandle,
        expected: Expect,
        data: Document,
        now: Timestamp,
    ) -> Result<Swap, StoreError> {
        let statement = self.sessions().data.statement(handle, expected, data, now);
        match expected {
            Expect::Revision(_) => self.execute(statement).await.map(Swap::of),
            Expect::Anything => self.write_unread(handle, statement).await,
        }
    }

    /// A write of a session that was not read before: where it meets none, on MySQL and MariaDB it is looked for as [`load`](Self::load)
    /// does, and what is found is written.
    async fn write_unread(&self, handle: SessionHandle, statement: Statement) -> Result<Swap, StoreError> {
        let swap = self.execute(statement.clone()).await.map(Swap::of)?;
        if swap == Swap::Lost && self.is_there_in_order(handle).await? {
            return self.execute(statement).await.map(Swap::of);
        }
        Ok(swap)
    }

    /// One transaction of two statements: writes the payload of `row`, if its session is not over and the stored one is of the revision
    /// before, and announces it until `expires_at`.
    pub(crate) async fn update_payload(
        &self,
        row: &SessionRow,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Swap, StoreError> {
        self.repeated(|| self.update_payload_once(row, now, expires_at)).await
    }

    async fn update_payload_once(
        &self,
        row: &SessionRow,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Swap, StoreError> {
        let (handle, revision, now) = (row.handle, row.payload_revision, now.as_millis());
        let transaction = self.begin().await?;
        let update = self.sessions().payload.with([
            row.payload.json.as_str().into(),
            row.payload.kind.as_str().into(),
            i64::from(row.payload.version).into(),
            revision.into(),
            handle.as_uuid().into(),
            now.into(),
            now.into(),
            (revision - 1).into(),
        ]);
        if execute(&transaction, update).await? == 0 {
            transaction.rollback().await?;
            return Ok(Swap::Lost);
        }
        announce_payload(&transaction, self.dialect(), (&row.tenant, handle, revision), expires_at).await?;
        transaction.commit().await?;
        Ok(Swap::Done)
    }

    /// One statement: notes that the user proved who they are.
    pub(crate) async fn reauthenticate(&self, handle: SessionHandle, now: Timestamp) -> Result<Swap, StoreError> {
        let time = now.as_millis();
        let values = [time.into(), handle.as_uuid().into(), time.into(), time.into()];
        self.write_unread(handle, self.sessions().reauthenticate.with(values)).await
    }

    /// One statement: what a device is called, where its session is not over.
    pub(crate) async fn rename_device(
        &self,
        tenant: &TenantId,
        handle: SessionHandle,
        label: Option<String>,
        now: Timestamp,
    ) -> Result<Swap, StoreError> {
        let now = now.as_millis();
        let values = [label.into(), tenant.as_str().into(), handle.as_uuid().into(), now.into(), now.into()];
        self.write_unread(handle, self.sessions().rename.with(values)).await
    }

    /// An INSERT of as many rows as a power of two, or where the engine takes arrays of any number.
    pub(super) fn insertion_of(&self, rows: &[&[Value; WIDTH]]) -> Statement {
        if rows.len() > 1 && self.group.takes_arrays {
            return self.sessions().insert_all.with_columns(rows);
        }
        let insert = rows.len().checked_ilog2().and_then(|log| self.sessions().inserts.get(log as usize));
        let insert = insert.expect("a group has one row or more, and no more than the largest INSERT");
        insert.with_all(rows.iter().flat_map(|row| row.iter().cloned()))
    }

    fn sessions(&self) -> &SessionStatements {
        &self.statements.sessions
    }
}
