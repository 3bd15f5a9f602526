//! The archive: one method is one transaction, with the house's own types in and out.
//!
//! The only room that names `sea_orm` (beside the one constructor that takes a connection) and that knows a dialect. It knows
//! neither tokens nor HTTP, and decides nothing.

mod connect;
mod entity;
mod error;
mod invalidations;
mod keys;
mod migration;
mod notes;
mod sessions;

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::{MigrationStatus, MigratorTrait};

pub(crate) use self::error::StoreError;
pub(crate) use self::invalidations::{Announcement, Doomed, Invalidation, PAGE as INVALIDATIONS_PAGE};
pub(crate) use self::keys::StoredKey;
pub use self::migration::Migrator;
pub(crate) use self::notes::Note;
pub(crate) use self::sessions::{Document, Expect, Rotation, SessionRow, Swap};

/// The database, by way of a pool of connections. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Store {
    db: DatabaseConnection,
}

impl Store {
    pub(crate) const fn new(db: DatabaseConnection) -> Self {
        Self { db }
    }

    /// Which engine it is, where it is one that the statements of this room are not written for.
    pub(crate) fn unknown_engine(&self) -> Option<String> {
        let backend = self.db.get_database_backend();
        (backend != DbBackend::Sqlite).then(|| format!("{backend:?}").to_lowercase())
    }

    /// Brings the tables up to date. Of several nodes that start at once, one does it and the others wait.
    pub(crate) async fn migrate(&self) -> Result<(), StoreError> {
        // A start with nothing to do must not wait for those who write.
        let known = Migrator::get_migration_with_status_read_only(&self.db).await?;
        if known.iter().all(|migration| migration.status() == MigrationStatus::Applied) {
            return Ok(());
        }
        let transaction = self.begin().await?;
        Migrator::up(&transaction, None).await?;
        Ok(transaction.commit().await?)
    }

    /// A transaction that means to write. SQLite is told so at once: a reader that turns writer midway would be refused when
    /// another was faster.
    async fn begin(&self) -> Result<DatabaseTransaction, StoreError> {
        let immediate = Some(SqliteTransactionMode::Immediate);
        let options = TransactionOptions { sqlite_transaction_mode: immediate, ..TransactionOptions::default() };
        Ok(self.db.begin_with_options(options).await?)
    }
}
