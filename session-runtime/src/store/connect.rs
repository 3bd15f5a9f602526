//! Opening a database by its URL, with the settings that sessions want.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::{ConnectOptions, Database, DatabaseConnection};

use super::StoreError;
use super::doubt::Doubt;
use super::kept::IDLE;

/// A pool of connections, and whether those that come back are doubted.
pub(crate) struct Pool {
    pub(super) db: DatabaseConnection,
    pub(super) doubt: Arc<Doubt>,
    /// Whether nobody else takes connections from it.
    pub(super) is_ours: bool,
    /// Whether it has a write-ahead log that the library sees to.
    pub(super) has_log: bool,
}

/// An application's own: nothing is set on it, so that a doubt has no effect there.
impl From<DatabaseConnection> for Pool {
    fn from(db: DatabaseConnection) -> Self {
        Self { db, doubt: Arc::default(), is_ours: false, has_log: false }
    }
}

/// How long a request waits for a connection, and a connection for another's lock.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// The schemes of the URLs that this build can open.
pub(crate) const SCHEMES: &[&str] = &[
    #[cfg(feature = "sqlite")]
    "sqlite",
    #[cfg(feature = "postgres")]
    "postgres",
    #[cfg(feature = "postgres")]
    "postgresql",
    #[cfg(feature = "mysql")]
    "mysql",
    #[cfg(feature = "mysql")]
    "mariadb",
];

pub(crate) async fn connect(url: &str, max_connections: Option<NonZeroU32>) -> Result<Pool, StoreError> {
    let doubt = Arc::<Doubt>::default();
    let mut options = ConnectOptions::new(url);
    options
        .connect_timeout(PATIENCE)
        .acquire_timeout(PATIENCE)
        .test_before_acquire_if_idle_for(IDLE)
        .sqlx_logging(false);
    if let Some(connections) = max_connections {
        options.max_connections(connections.get());
    }
    #[cfg(feature = "sqlite")]
    let has_log = sqlite::configure(&mut options, url);
    #[cfg(not(feature = "sqlite"))]
    let has_log = false;
    #[cfg(feature = "postgres")]
    {
        let doubt = Arc::clone(&doubt);
        options.map_sqlx_postgres_pool_opts(move |options| Arc::clone(&doubt).of_pool(options));
    }
    #[cfg(feature = "mysql")]
    {
        let doubt = Arc::clone(&doubt);
        options.map_sqlx_mysql_pool_opts(move |options| Arc::clone(&doubt).of_pool(options));
    }
    let db = Database::connect(options).await.map_err(StoreError::opening)?;
    Ok(Pool { db, doubt, is_ours: true, has_log })
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use std::pin::Pin;

    use sea_orm::sqlx::Connection;
    use sea_orm::sqlx::sqlite::{SqliteConnection, SqliteJournalMode, SqliteSynchronous};
    use sea_orm::{ConnectOptions, SqlxError};

    use super::PATIENCE;
    use crate::store::checkpoint::PAGES_AT_MOST;

    type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

    /// Whether a connection that comes back is outside of any transaction. Where a COMMIT failed, as on a full disk, SQLite has undone the
    /// transaction by itself, and the driver counts it as open: the next one would be a savepoint in none, and what is written after
    /// that one's rollback would be acknowledged and never committed.
    fn is_whole(connection: &mut SqliteConnection) -> BoxFuture<'_, Result<bool, SqlxError>> {
        Box::pin(async move {
            if connection.is_in_transaction() {
                // Its rollback may be under way.
                connection.ping().await?;
            }
            Ok(!connection.is_in_transaction())
        })
    }

    /// Whether it is a file with a log.
    pub(super) fn configure(options: &mut ConnectOptions, url: &str) -> bool {
        if !url.starts_with("sqlite:") {
            return false;
        }
        let creates = !url.contains("mode=");
        let in_memory = url.contains(":memory:") || url.contains("mode=memory");
        options.test_before_acquire(false).map_sqlx_sqlite_opts(move |options| {
            let options = if creates { options.create_if_missing(true) } else { options };
            options
                .journal_mode(SqliteJournalMode::Wal)
                // A revocation that was answered must survive a power cut.
                .synchronous(SqliteSynchronous::Full)
                .pragma("wal_autocheckpoint", PAGES_AT_MOST)
                .busy_timeout(PATIENCE)
        });
        if in_memory {
            // The database lives as long as its one connection.
            options.max_connections(1).min_connections(1).idle_timeout(None).max_lifetime(None);
        } else {
            let connections = options.get_max_connections().unwrap_or(4);
            options
                .max_connections(connections)
                .map_sqlx_sqlite_pool_opts(|options| options.after_release(|connection, _| is_whole(connection)));
        }
        !in_memory
    }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use sea_orm::sqlx::{AssertSqlSafe, Executor};
    use sea_orm::{ConnectionTrait, TransactionTrait};

    use super::*;

    /// What a disk that is full does, on every connection of the pool.
    async fn limit(db: &DatabaseConnection, pages: u32) {
        let pool = db.get_sqlite_connection_pool();
        let mut connections = Vec::new();
        for _ in 0..4 {
            connections.push(pool.acquire().await.expect("a connection"));
        }
        for connection in &mut connections {
            connection.execute(AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"))).await.expect("a limit");
        }
    }

    #[tokio::test]
    async fn a_connection_whose_commit_failed_is_never_used_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("sessions.db").display());
        let db = connect(&url, None).await.expect("a file").db;
        db.execute_unprepared("CREATE TABLE t (x)").await.expect("a table");
        for _ in 0..8 {
            limit(&db, 3).await;
            let transaction = db.begin().await.expect("a transaction");
            let full = transaction.execute_unprepared("INSERT INTO t VALUES (zeroblob(100000))").await;
            assert!(full.is_err(), "the disk is full");
            drop(transaction);
            db.begin().await.expect("a transaction").rollback().await.expect("its end");
            db.execute_unprepared("INSERT INTO t VALUES (1)").await.expect("room for a small row");
        }
        let other = connect(&url, None).await.expect("the file").db;
        let rows = other.query_all_raw(sea_orm::Statement::from_string(sea_orm::DbBackend::Sqlite, "SELECT x FROM t"));
        assert_eq!(rows.await.expect("rows").len(), 8, "what was acknowledged is there");
    }
}
