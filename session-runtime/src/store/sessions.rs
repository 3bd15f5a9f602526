//! Rows of `sessions`: insert, load, and the compare-and-sets. Saves are UPDATE-only, so none brings a deleted row back.

use sea_orm::{QueryResult, Statement, Value};
use uuid::Uuid;

use super::dialect::{Dialect, Engine, Sql, placeholders, rows_of_placeholders};
use super::group::MOST;
use super::invalidations::announce_payload;
use super::row::{COLUMNS, DATA_COLUMNS, Document, LIVE, SessionRow, StoredSession, WIDTH};
use super::write::Write;
use super::{Store, StoreError, execute};
use crate::clock::Timestamp;
use crate::id::{SessionHandle, TenantId};

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
    /// Of any number of rows, as arrays.
    insert_all: Sql,
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
            insert_all: dialect.sql(&insert_all()),
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

fn insert_all() -> String {
    let columns = placeholders(WIDTH);
    format!("INSERT INTO {{sessions}} ({COLUMNS}, {DATA_COLUMNS}) SELECT * FROM unnest({columns})")
}

fn insert(rows: usize) -> String {
    format!("INSERT INTO {{sessions}} ({COLUMNS}, {DATA_COLUMNS}) VALUES {}", rows_of_placeholders(rows, WIDTH))
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
    pub(super) const fn of(rows_affected: u64) -> Self {
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
        let log = rows.len().checked_ilog2().filter(|_| rows.len().is_power_of_two());
        let insert = log.and_then(|log| self.sessions().inserts.get(log as usize));
        let insert = insert.expect("a group has as many rows as a power of two, and no more than the largest INSERT");
        insert.with_all(rows.iter().flat_map(|row| row.iter().cloned()))
    }

    fn sessions(&self) -> &SessionStatements {
        &self.statements.sessions
    }
}
