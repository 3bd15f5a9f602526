//! Connections that are kept between statements, for whatever is one statement.
//!
//! A pool asks each connection that comes back to it whether it is well: one more round trip, in a task of its own, which is about as much
//! work as a short statement. Those that are kept come back to the pool when they are a minute old, when something went wrong on them, and
//! when a transaction waits for one, since transactions go by the pool. Those that nobody uses for a minute are closed.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sea_orm::sqlx::Pool;
use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::{DatabaseConnection, DatabaseConnectionType, SqlxError, Statement};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use super::StoreError;
use super::attempt::Attempt;
use super::doubt::{Doubt, answers};
use super::driver::{Driver, Wanted, Written};
use crate::clock::Stopwatch;

/// A connection that nobody used for so long is asked whether it is still there; to ask before each use would cost about a fifth of
/// every statement.
pub(super) const IDLE: Duration = Duration::from_secs(5);

/// After so long in use it goes back to the pool, which knows how old a connection may become; after so long without, it is closed.
const OLDEST: Duration = Duration::from_secs(60);

/// How many dead connections of a pool are closed before one statement gives up.
const MOST_DEAD: usize = 32;

/// The connections of one database.
pub(super) enum Kept {
    #[cfg(feature = "sqlite")]
    Sqlite(Shelf<sea_orm::sqlx::Sqlite>),
    #[cfg(feature = "postgres")]
    Postgres(Shelf<sea_orm::sqlx::Postgres>),
    #[cfg(feature = "mysql")]
    MySql(Shelf<sea_orm::sqlx::MySql>),
}

/// The same of each engine.
macro_rules! of_each {
    ($kept:expr, $shelf:ident => $work:expr) => {
        match $kept {
            #[cfg(feature = "sqlite")]
            Kept::Sqlite($shelf) => $work,
            #[cfg(feature = "postgres")]
            Kept::Postgres($shelf) => $work,
            #[cfg(feature = "mysql")]
            Kept::MySql($shelf) => $work,
        }
    };
}

impl Kept {
    /// Within the runtime that goes on for as long as the store. Nothing is kept of a pool that is too small to be shared.
    pub(super) fn of(db: &DatabaseConnection, doubt: &Arc<Doubt>) -> Option<Self> {
        match &db.inner {
            #[cfg(feature = "sqlite")]
            DatabaseConnectionType::SqlxSqlitePoolConnection(_) => {
                Shelf::of(db.get_sqlite_connection_pool(), doubt).map(Self::Sqlite)
            }
            #[cfg(feature = "postgres")]
            DatabaseConnectionType::SqlxPostgresPoolConnection(_) => {
                Shelf::of(db.get_postgres_connection_pool(), doubt).map(Self::Postgres)
            }
            #[cfg(feature = "mysql")]
            DatabaseConnectionType::SqlxMySqlPoolConnection(_) => {
                Shelf::of(db.get_mysql_connection_pool(), doubt).map(Self::MySql)
            }
            _ => None,
        }
    }

    /// Sends a statement, and sends it once more where its connection turns out to be dead.
    pub(super) async fn send(
        &self,
        statement: &Statement,
        wanted: Wanted,
        repeat: Repeat,
    ) -> Result<Written, StoreError> {
        Ok(of_each!(self, shelf => shelf.send(statement, wanted, repeat).await)?)
    }

    /// Closes those that were not used for long.
    pub(super) fn tidy(&self) {
        of_each!(self, shelf => shelf.tidy());
    }

    /// For as long as a transaction waits for a connection of the pool.
    pub(super) fn make_way(&self) -> Way<'_> {
        of_each!(self, shelf => shelf.make_way())
    }
}

/// What is known of a statement whose connection broke: the database may have done it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// To do it twice is something else than to do it once.
    Never,
    /// The second time it does what is left to do, which may be nothing.
    AsItIs,
    /// It inserts what nobody else inserts: where it is there the second time, the first has done all of it.
    Insert,
}

/// Those of one pool.
pub(super) struct Shelf<D: Driver> {
    pool: Pool<D>,
    free: Mutex<Vec<Free<D>>>,
    /// So many are kept at most, in use or free.
    places: Semaphore,
    /// How many transactions wait.
    waiting: AtomicUsize,
    doubt: Arc<Doubt>,
    /// Connections go back to the pool by a task, and the store may be dropped outside of any runtime.
    runtime: Handle,
}

/// One that nobody uses at present.
struct Free<D: Driver> {
    connection: PoolConnection<D>,
    /// Since it was taken from the pool.
    kept: Stopwatch,
    /// Since it was last used.
    idle: Stopwatch,
}

impl<D: Driver> Shelf<D> {
    fn of(pool: &Pool<D>, doubt: &Arc<Doubt>) -> Option<Self> {
        let connections = pool.options().get_max_connections() as usize;
        // The rest is for transactions, whatever the load.
        let places = connections - connections.div_ceil(4);
        (connections >= 4).then(|| Self {
            pool: pool.clone(),
            free: Mutex::default(),
            places: Semaphore::new(places),
            waiting: AtomicUsize::new(0),
            doubt: Arc::clone(doubt),
            runtime: Handle::current(),
        })
    }

    async fn send(&self, statement: &Statement, wanted: Wanted, repeat: Repeat) -> Result<Written, SqlxError> {
        let _place = self.places.acquire().await.map_err(|_| SqlxError::PoolClosed)?;
        let by = match self.take().await {
            // It broke while it was opened: nothing was asked yet.
            Err(error) if is_broken(&error) => self.take_fresh().await?,
            taken => taken?,
        };
        let sent = self.send_by(by, statement, wanted).await;
        if !sent.as_ref().is_err_and(is_broken) {
            return sent;
        }
        // What broke one has mostly broken all.
        self.give_back();
        if repeat == Repeat::Never { sent } else { self.send_again(statement, wanted, repeat).await }
    }

    async fn send_again(&self, statement: &Statement, wanted: Wanted, repeat: Repeat) -> Result<Written, SqlxError> {
        match self.send_by(self.take_fresh().await?, statement, wanted).await {
            Err(SqlxError::Database(error)) if repeat == Repeat::Insert && error.is_unique_violation() => {
                Ok(Written::met(1))
            }
            sent => sent,
        }
    }

    /// A connection on which a statement fails, or is given up, goes back to the pool.
    async fn send_by(&self, mut by: Free<D>, statement: &Statement, wanted: Wanted) -> Result<Written, SqlxError> {
        // Where it is given up, its connection may hang, and the others with it.
        let mut attempt = Attempt::new(|| self.give_back());
        let sent = D::send(&mut by.connection, statement, wanted).await;
        attempt.end();
        let written = sent?;
        self.keep(by);
        Ok(written)
    }

    async fn take(&self) -> Result<Free<D>, SqlxError> {
        let last = self.free().pop();
        if let Some(mut free) = last {
            if !free.is_idle() || answers::<D>(&mut free.connection).await {
                return Ok(free);
            }
            free.close();
        }
        self.take_from_pool().await
    }

    /// One that has just answered.
    async fn take_fresh(&self) -> Result<Free<D>, SqlxError> {
        for _ in 0..MOST_DEAD {
            let mut free = self.take_from_pool().await?;
            if answers::<D>(&mut free.connection).await {
                return Ok(free);
            }
            free.close();
        }
        Err(SqlxError::PoolTimedOut)
    }

    /// Boxed, since it is seldom waited for and would make each statement's future many times as large.
    async fn take_from_pool(&self) -> Result<Free<D>, SqlxError> {
        let connection = Box::pin(self.pool.acquire()).await?;
        let now = Stopwatch::start();
        Ok(Free { connection, kept: now, idle: now })
    }

    fn keep(&self, mut by: Free<D>) {
        let is_wanted = self.waiting.load(Ordering::SeqCst) > 0;
        if is_wanted || self.pool.is_closed() || by.kept.elapsed() > OLDEST {
            return;
        }
        by.idle = Stopwatch::start();
        self.free().push(by);
    }

    /// All that nobody uses. The pool asks each of them, and does not wait for those who do not answer.
    fn give_back(&self) {
        let _entered = self.runtime.enter();
        let all = std::mem::take(&mut *self.free());
        self.doubt.raise();
        drop(all);
    }

    fn tidy(&self) {
        let mut free = self.free();
        // Who was used last is at the end.
        let unused = free.partition_point(|free| free.idle.elapsed() > OLDEST);
        let unused: Vec<_> = free.drain(..unused).collect();
        drop(free);
        unused.into_iter().for_each(Free::close);
    }

    fn make_way(&self) -> Way<'_> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let is_exhausted = self.pool.num_idle() == 0 && self.pool.size() >= self.pool.options().get_max_connections();
        let last = if is_exhausted { self.free().pop() } else { None };
        // One that was just heard of is the pool's; what has become of another takes time to find out.
        if let Some(idle) = last.filter(Free::is_idle) {
            idle.close();
        }
        Way(&self.waiting)
    }

    fn free(&self) -> MutexGuard<'_, Vec<Free<D>>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<D: Driver> Free<D> {
    fn is_idle(&self) -> bool {
        self.idle.elapsed() >= IDLE
    }

    fn close(mut self) {
        self.connection.close_on_drop();
    }
}

impl<D: Driver> Drop for Shelf<D> {
    fn drop(&mut self) {
        self.give_back();
    }
}

/// The time for which a transaction waits.
pub(super) struct Way<'a>(&'a AtomicUsize);

impl Drop for Way<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Whether the connection ended, rather than the statement was refused.
fn is_broken(error: &SqlxError) -> bool {
    /// What PostgreSQL says when it, or somebody, ends a connection. Class 08 is of connections on any engine.
    const ENDED: [&str; 3] = ["57P01", "57P02", "57P05"];
    match error {
        SqlxError::Io(_) | SqlxError::Protocol(_) | SqlxError::WorkerCrashed => true,
        SqlxError::Database(error) => {
            error.code().is_some_and(|code| code.starts_with("08") || ENDED.contains(&&*code))
        }
        _ => false,
    }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use sea_orm::{DbBackend, TransactionTrait};
    use tokio::join;
    use tokio::time::timeout;

    use super::*;
    use crate::store::connect;

    /// Less than the pool's own patience.
    const SOON: Duration = Duration::from_secs(4);

    fn free(kept: &Kept) -> usize {
        of_each!(kept, shelf => shelf.free().len())
    }

    async fn send_one(kept: &Kept) {
        let statement = Statement::from_string(DbBackend::Sqlite, "SELECT 1");
        let sent = kept.send(&statement, Wanted::Rows, Repeat::AsItIs).await.expect("a statement");
        assert_eq!(sent.returned.len(), 1);
    }

    #[tokio::test]
    async fn transactions_get_what_is_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("sessions.db").display());
        let db = connect(&url, None).await.expect("a file").db;
        let kept = Kept::of(&db, &Arc::default()).expect("a pool of four");
        join!(send_one(&kept), send_one(&kept), send_one(&kept), send_one(&kept));
        assert_eq!(free(&kept), 3, "one is left to transactions");

        let mut transactions = Vec::new();
        for _ in 0..4 {
            let way = kept.make_way();
            let begun = timeout(SOON, db.begin()).await.expect("a connection");
            drop(way);
            transactions.push(begun.expect("a transaction"));
        }
        assert_eq!(free(&kept), 0);
        transactions.pop().expect("a transaction").rollback().await.expect("its end");
        let way = kept.make_way();
        send_one(&kept).await;
        assert_eq!(free(&kept), 0, "another waits");
        drop(way);
        send_one(&kept).await;
        assert_eq!(free(&kept), 1);
    }
}
