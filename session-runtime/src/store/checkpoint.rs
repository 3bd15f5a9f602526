//! SQLite's write-ahead log, brought into the database beside the requests. Left to itself, SQLite does that within the commit that has made
//! the log long, and that commit takes many times as long as the others.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::{Store, StoreError};

/// How long the log may grow between two looks.
pub(crate) const CHECKPOINT_INTERVAL: Duration = Duration::from_millis(250);

/// The pages at which SQLite does it in a commit after all: where commits follow each other so closely that the end of the log is never
/// reached beside them, this one has but the end left to do. With pages of 4 KB it holds the log at 67 MB, as long as no reader stays in it.
#[cfg(feature = "sqlite")]
pub(super) const PAGES_AT_MOST: &str = "16384";

impl Store {
    /// Whether there is a log, and nobody else to see to it: an application's own connections are as it has set them.
    pub(crate) const fn has_log(&self) -> bool {
        self.has_log
    }

    /// One statement. It waits for nobody, and nobody waits for it: what a reader still needs stays in the log until the next time.
    pub(crate) async fn checkpoint(&self) -> Result<(), StoreError> {
        let statement = Statement::from_string(DbBackend::Sqlite, "PRAGMA wal_checkpoint(PASSIVE)");
        let _way = self.make_way();
        self.gate.in_time(async { Ok(self.db.query_all_raw(statement).await?) }).await?;
        Ok(())
    }
}
