//! The archive: one method is one transaction, with the house's own types in and out.
//!
//! The only room that names `sea_orm` (beside the one constructor that takes a connection) and that knows a dialect. It knows
//! neither tokens nor HTTP, and decides nothing.
//!
//! Statements are written out, each beside the method that sends it, and spelt for the engine once, when the store is made: the
//! tables' prefix is the application's choice, and the paths of sign-in and refresh build no text.

#[cfg(not(any(feature = "sqlite", feature = "postgres", feature = "mysql")))]
compile_error!(
    "session-runtime needs a database: enable one of its features `sqlite` (default), `postgres` and `mysql`"
);

mod aside;
mod attempt;
mod audit;
mod checkpoint;
mod connect;
mod dialect;
mod doubt;
mod driver;
mod erasure;
mod error;
mod gate;
mod group;
mod invalidations;
mod kept;
mod keys;
mod leases;
mod listen;
mod listing;
mod migration;
mod notes;
mod purge;
mod retry;
mod revocations;
mod room;
mod rotations;
mod row;
mod sessions;
mod skew;
mod succession;
mod write;

use std::sync::Arc;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, IsolationLevel, QueryResult, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait,
};

use self::aside::aside;
pub(crate) use self::audit::{AuditPage, AuditRow};
pub(crate) use self::checkpoint::CHECKPOINT_INTERVAL;
pub(crate) use self::connect::{Pool, SCHEMES, connect};
use self::dialect::Dialect;
pub(crate) use self::dialect::Engine;
pub use self::dialect::{TablePrefix, TablePrefixError};
use self::driver::{Wanted, Written};
pub(crate) use self::error::StoreError;
use self::gate::Gate;
pub(crate) use self::gate::Limits;
use self::group::Group;
pub(crate) use self::invalidations::{
    Announcement, Audited, Cutoff, Invalidation, Mark, PAGE as INVALIDATIONS_PAGE, Subject,
};
use self::kept::{Kept, Repeat, Way};
pub(crate) use self::keys::StoredKey;
pub(crate) use self::listen::Listener;
pub(crate) use self::listing::{Listed, Part, SessionSummary};
pub use self::migration::Migrator;
pub(crate) use self::notes::Note;
pub(crate) use self::purge::UserCursor;
use self::retry::retried;
pub(crate) use self::revocations::{Doomed, Ended};
use self::room::RoomStatements;
pub(crate) use self::room::{LiveSession, Room};
use self::rotations::RotationStatements;
pub(crate) use self::rotations::{Advance, Rotation};
pub(crate) use self::row::{Document, SessionRow, StoredSession};
use self::sessions::SessionStatements;
pub(crate) use self::sessions::{Expect, Swap};
pub(crate) use self::succession::{Admission, Predecessor, Succession};
use self::write::Write;
use crate::config::FeedDelivery;

/// The database, by way of a pool of connections. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Store {
    db: DatabaseConnection,
    /// What is one statement goes by these, where the pool is the library's own.
    kept: Option<Arc<Kept>>,
    /// The connection by which the feed is read, where there may be one beside the pool.
    aside: Option<DatabaseConnection>,
    gate: Arc<Gate>,
    group: Arc<Group>,
    has_log: bool,
    statements: Arc<Statements>,
}

/// What the store says to the database, spelt as it wants it.
struct Statements {
    dialect: Dialect,
    sessions: SessionStatements,
    room: RoomStatements,
    rotations: RotationStatements,
}

impl Store {
    /// # Errors
    ///
    /// The engine's name, where it is none that this room speaks to.
    pub(crate) fn new(pool: Pool, limits: Limits, prefix: TablePrefix, delivery: FeedDelivery) -> Result<Self, String> {
        let Pool { db, doubt, is_ours, has_log } = pool;
        let engine = Engine::of(db.get_database_backend())?;
        let notifies = engine == Engine::Postgres && delivery == FeedDelivery::Notified;
        let dialect = Dialect { engine, prefix, notifies };
        let (sessions, room) = (SessionStatements::new(&dialect), RoomStatements::new(&dialect));
        let rotations = RotationStatements::new(&dialect);
        let statements = Arc::new(Statements { dialect, sessions, room, rotations });
        let kept = is_ours.then(|| Kept::of(&db, &doubt)).flatten().map(Arc::new);
        let takes_arrays = kept.is_some() && engine == Engine::Postgres;
        let (gate, group) = (Arc::new(Gate::new(limits, doubt)), Arc::new(Group::of(engine, takes_arrays)));
        Ok(Self { aside: aside(&db), db, kept, gate, group, has_log, statements })
    }

    fn dialect(&self) -> &Dialect {
        &self.statements.dialect
    }

    /// Brings the tables up to date. Of several nodes that start at once, one does it and the others wait.
    pub(crate) async fn migrate(&self) -> Result<(), StoreError> {
        migration::run(&self.db, self.dialect()).await
    }

    /// Sends one statement that writes; answers how many rows it met.
    async fn execute(&self, statement: Statement) -> Result<u64, StoreError> {
        Ok(self.write(Write::Update(statement)).await?.rows)
    }

    /// Does what may have to be done again: a transaction, or a statement that the database may undo for another's sake.
    async fn repeated<T, F, W>(&self, work: F) -> Result<T, StoreError>
    where
        F: Fn() -> W,
        W: Future<Output = Result<T, StoreError>>,
    {
        self.gate.pass(self.in_turn(retried(work))).await
    }

    /// On SQLite, when it is its turn among those who write.
    async fn in_turn<T>(&self, work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        if self.dialect().engine != Engine::Sqlite {
            return work.await;
        }
        let _turn = self.turn_alone().await?;
        work.await
    }

    /// Sends one statement that reads at most one row.
    async fn query_one(&self, statement: Statement) -> Result<Option<QueryResult>, StoreError> {
        Ok(self.query_all(statement).await?.pop())
    }

    /// Sends one statement that reads.
    async fn query_all(&self, statement: Statement) -> Result<Vec<QueryResult>, StoreError> {
        let read = self.gate.pass(self.send(&statement, Wanted::Rows, Repeat::AsItIs)).await?;
        Ok(read.returned)
    }

    /// Sends one statement by itself.
    async fn send(&self, statement: &Statement, wanted: Wanted, repeat: Repeat) -> Result<Written, StoreError> {
        match &self.kept {
            Some(kept) => kept.send(statement, wanted, repeat).await,
            None => send(&self.db, statement.clone(), wanted).await,
        }
    }

    /// As [`query_all`](Self::query_all), by the connection that stands in nobody's way, and in nobody's queue.
    async fn query_aside(&self, statement: Statement) -> Result<Vec<QueryResult>, StoreError> {
        if let Some(kept) = &self.kept {
            // It is often enough, and comes from no request.
            kept.tidy();
        }
        let read = async {
            match &self.aside {
                Some(aside) => send(aside, statement, Wanted::Rows).await,
                None => self.send(&statement, Wanted::Rows, Repeat::AsItIs).await,
            }
        };
        Ok(self.gate.in_time(read).await?.returned)
    }

    /// A transaction that means to write. SQLite is told so at once: a reader that turns writer midway would be refused when
    /// another was faster.
    async fn begin(&self) -> Result<DatabaseTransaction, StoreError> {
        let _way = self.make_way();
        begin(&self.db).await
    }

    /// As [`begin`](Self::begin); each statement sees what others have committed by then, whatever the server's default is, and MySQL
    /// locks no gaps between rows, for which the sign-ins of other users would wait.
    async fn begin_up_to_date(&self) -> Result<DatabaseTransaction, StoreError> {
        if self.dialect().engine == Engine::Sqlite {
            return self.begin().await;
        }
        let _way = self.make_way();
        let isolation_level = Some(IsolationLevel::ReadCommitted);
        Ok(self.db.begin_with_options(TransactionOptions { isolation_level, ..TransactionOptions::default() }).await?)
    }

    /// Connections that are kept do not keep a transaction waiting.
    fn make_way(&self) -> Option<Way<'_>> {
        self.kept.as_deref().map(Kept::make_way)
    }
}

async fn begin(db: &DatabaseConnection) -> Result<DatabaseTransaction, StoreError> {
    let immediate = Some(SqliteTransactionMode::Immediate);
    let options = TransactionOptions { sqlite_transaction_mode: immediate, ..TransactionOptions::default() };
    Ok(db.begin_with_options(options).await?)
}

/// As [`Store::execute`], once, on a connection or within a transaction.
async fn execute(connection: &impl ConnectionTrait, statement: Statement) -> Result<u64, StoreError> {
    Ok(connection.execute_raw(statement).await?.rows_affected())
}

/// As [`Store::send`], on a connection or within a transaction.
async fn send(connection: &impl ConnectionTrait, statement: Statement, wanted: Wanted) -> Result<Written, StoreError> {
    match wanted {
        Wanted::Count => execute(connection, statement).await.map(Written::met),
        Wanted::Rows => Ok(Written::answered(connection.query_all_raw(statement).await?)),
    }
}
