//! What others do to a database that sessions share with them: a transaction that sleeps on its locks, connections that are all taken.

use std::time::Duration;

use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};
use tokio::task::JoinSet;

use super::database::connect;
use super::{Engine, eventually};

/// A transaction that lets nobody write to `table` and sleeps. It ends when this is dropped.
pub async fn lock(engine: Engine, url: &str, table: &str) -> DatabaseTransaction {
    let connection = connect(url).await;
    eventually("a lock", async || try_lock(engine, &connection, table).await.ok()).await
}

async fn try_lock(engine: Engine, connection: &DatabaseConnection, table: &str) -> Result<DatabaseTransaction, DbErr> {
    let immediate = Some(SqliteTransactionMode::Immediate);
    let options = TransactionOptions { sqlite_transaction_mode: immediate, ..Default::default() };
    let transaction = connection.begin_with_options(options).await?;
    match engine {
        // It is locked since it began.
        Engine::Sqlite => {}
        Engine::Postgres => {
            transaction.execute_unprepared(&format!("LOCK TABLE {table} IN EXCLUSIVE MODE")).await?;
        }
        Engine::MariaDb => {
            transaction.execute_unprepared(&format!("SELECT COUNT(*) FROM {table} FOR UPDATE")).await?;
        }
    }
    Ok(transaction)
}

/// Takes every connection that the server has to give, also those that others had, until this is dropped.
pub async fn take_all_connections(engine: Engine, url: &str) -> Vec<DatabaseConnection> {
    let first = one(url, PATIENT).await.expect("a connection");
    let others = others(engine, &first).await;
    let mut taken = all_free(url).await;
    for other in others {
        let end = if engine == Engine::Postgres { "SELECT pg_terminate_backend" } else { "KILL" };
        // It may have ended by itself.
        let _ = first.execute_unprepared(&format!("{end} ({other})")).await;
    }
    taken.extend(all_free(url).await);
    taken.push(first);
    taken
}

/// A server that refuses is asked again for so long.
const IMPATIENT: Duration = Duration::from_millis(300);
const PATIENT: Duration = Duration::from_secs(10);

/// How many are opened at once.
const AT_ONCE: usize = 8;

async fn all_free(url: &str) -> Vec<DatabaseConnection> {
    let mut takers = JoinSet::new();
    for _ in 0..AT_ONCE {
        let url = url.to_owned();
        takers.spawn(async move {
            let mut taken = Vec::new();
            while let Ok(connection) = one(&url, IMPATIENT).await {
                taken.push(connection);
            }
            taken
        });
    }
    takers.join_all().await.concat()
}

/// A pool of one connection, which is open.
async fn one(url: &str, patience: Duration) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options.connect_timeout(patience).acquire_timeout(patience).max_connections(1).min_connections(1);
    options.idle_timeout(None).max_lifetime(None).sqlx_logging(false);
    Box::pin(sea_orm::Database::connect(options)).await
}

/// What the server calls the connections of applications, but for this one.
async fn others(engine: Engine, connection: &DatabaseConnection) -> Vec<String> {
    let sql = match engine {
        Engine::Sqlite => panic!("SQLite has no connections to a server"),
        Engine::Postgres => {
            "SELECT pid::text FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        }
        Engine::MariaDb => {
            "SELECT CAST(id AS CHAR) FROM information_schema.PROCESSLIST WHERE user = 'root' AND id <> CONNECTION_ID()"
        }
    };
    let rows = connection.query_all_raw(Statement::from_string(connection.get_database_backend(), sql)).await;
    rows.expect("the connections").iter().filter_map(|row| row.try_get_by_index(0).ok()).collect()
}
