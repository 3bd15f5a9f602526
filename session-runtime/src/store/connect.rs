//! Opening a database by its URL, with the settings that sessions want.

use std::time::Duration;

use sea_orm::{ConnectOptions, Database};

use super::{Store, StoreError};

/// How long a request waits for a connection, and a connection for another's lock.
const PATIENCE: Duration = Duration::from_secs(5);

impl Store {
    pub(crate) async fn connect(url: &str) -> Result<Self, StoreError> {
        let mut options = ConnectOptions::new(url);
        options
            .connect_timeout(PATIENCE)
            .acquire_timeout(PATIENCE)
            // A ping before each use would cost about a fifth of every statement.
            .test_before_acquire(false)
            .sqlx_logging(false);
        #[cfg(feature = "sqlite")]
        sqlite::configure(&mut options, url);
        Ok(Self::new(Database::connect(options).await?))
    }
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use sea_orm::ConnectOptions;
    use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};

    use super::PATIENCE;

    pub(super) fn configure(options: &mut ConnectOptions, url: &str) {
        if !url.starts_with("sqlite:") {
            return;
        }
        let creates = !url.contains("mode=");
        let in_memory = url.contains(":memory:") || url.contains("mode=memory");
        options.map_sqlx_sqlite_opts(move |options| {
            let options = if creates { options.create_if_missing(true) } else { options };
            options
                .journal_mode(SqliteJournalMode::Wal)
                // A revocation that was answered must survive a power cut.
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(PATIENCE)
        });
        if in_memory {
            // The database lives as long as its one connection.
            options.max_connections(1).min_connections(1).idle_timeout(None).max_lifetime(None);
        } else {
            options.max_connections(4);
        }
    }
}
