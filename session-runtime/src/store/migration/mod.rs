//! The tables' history. It ships with the library and has a history table of its own, so that it does not meet the application's.

mod m20261123_000001_create_sessions;
mod m20261123_000002_add_remembered;

use sea_orm_migration::prelude::*;

/// The library's migrations, for applications that run them with their own.
///
/// [`SessionsBuilder::connect`](crate::SessionsBuilder::connect) runs them by itself.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_create_sessions::Migration),
            Box::new(m20261123_000002_add_remembered::Migration),
        ]
    }

    fn migration_table_name() -> DynIden {
        Alias::new("session_migrations").into_iden()
    }
}
