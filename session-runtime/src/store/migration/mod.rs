//! The tables' history. It ships with the library and has a history table of its own, so that it does not meet the application's.
//!
//! What is added later has a default, so that nodes of the version before go on while a deployment rolls; and each step looks
//! before it leaps, since MySQL commits every one of its statements by itself.

mod column;
mod m20261123_000001_create_sessions;
mod m20261123_000002_add_remembered;
mod m20261123_000003_add_operations;
mod m20261124_000004_add_key_rotation;

use std::collections::HashSet;
use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection};
use sea_orm_migration::MigratorTraitSelf;
use sea_orm_migration::prelude::*;

use super::dialect::{Dialect, Engine, TablePrefix, column};
use super::{StoreError, begin};

/// The library's migrations, for applications that run them with their own: `Migrator::default().up(&connection, None)`, or a list of
/// them among others by [`migrations`](MigratorTraitSelf::migrations).
///
/// [`SessionsBuilder::connect`](crate::SessionsBuilder::connect) runs them by itself. They stand in the trait
/// `sea_orm_migration::MigratorTraitSelf`.
#[derive(Clone, Debug, Default)]
pub struct Migrator {
    prefix: TablePrefix,
}

impl Migrator {
    /// For tables whose names begin with `prefix`.
    #[must_use]
    pub const fn with_prefix(prefix: TablePrefix) -> Self {
        Self { prefix }
    }
}

#[async_trait::async_trait]
impl MigratorTraitSelf for Migrator {
    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        let prefix = || self.prefix.clone();
        vec![
            Box::new(m20261123_000001_create_sessions::Migration(prefix())),
            Box::new(m20261123_000002_add_remembered::Migration(prefix())),
            Box::new(m20261123_000003_add_operations::Migration(prefix())),
            Box::new(m20261124_000004_add_key_rotation::Migration(prefix())),
        ]
    }

    fn migration_table_name(&self) -> DynIden {
        Alias::new(self.prefix.table(HISTORY)).into_iden()
    }
}

const HISTORY: &str = "session_migrations";

/// How often MySQL, which cannot roll a migration back, is tried when several nodes start at once, and how long a node waits in between.
const TRIES: u32 = 30;
const PAUSE: Duration = Duration::from_millis(100);

/// Brings the tables up to date. Of several nodes that start at once, one does it and the others wait.
pub(super) async fn run(db: &DatabaseConnection, dialect: &Dialect) -> Result<(), StoreError> {
    let migrator = Migrator::with_prefix(dialect.prefix.clone());
    for last in (0..TRIES).rev() {
        // A start with nothing to do must not wait for those who write.
        if is_up_to_date(&migrator, db, dialect).await? {
            return Ok(());
        }
        match up(&migrator, db, dialect.engine).await {
            // Another node was faster with one of the steps: what is left is the other's or ours to do.
            Err(_) if last > 0 && dialect.engine == Engine::MySql => tokio::time::sleep(PAUSE).await,
            outcome => return outcome,
        }
    }
    Ok(())
}

/// Whether all that this version knows was done. What a newer version did beyond it, in a deployment that rolls, is no
/// hindrance.
async fn is_up_to_date(migrator: &Migrator, db: &DatabaseConnection, dialect: &Dialect) -> Result<bool, StoreError> {
    if !SchemaManager::new(db).has_table(dialect.prefix.table(HISTORY)).await? {
        return Ok(false);
    }
    let read = dialect.sql("SELECT version FROM {session_migrations}").with([]);
    let rows = db.query_all_raw(read).await?;
    let done = rows.iter().map(|row| column(row, 0)).collect::<Result<HashSet<String>, _>>()?;
    Ok(migrator.migrations().iter().all(|migration| done.contains(migration.name())))
}

async fn up(migrator: &Migrator, db: &DatabaseConnection, engine: Engine) -> Result<(), StoreError> {
    if engine == Engine::MySql {
        return Ok(MigratorTraitSelf::up(migrator, db, None).await?);
    }
    let transaction = begin(db).await?;
    if engine == Engine::Postgres {
        transaction.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})")).await?;
    }
    MigratorTraitSelf::up(migrator, &transaction, None).await?;
    Ok(transaction.commit().await?)
}

/// What nodes on PostgreSQL agree to lock: the letters of `sessions`.
const LOCK: i64 = i64::from_be_bytes(*b"sessions");
