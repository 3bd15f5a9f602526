//! Adds `sessions.remembered`: sessions that were there before are, as all were.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::boolean;

use super::column::{add_column, drop_column};
use crate::store::TablePrefix;

#[derive(DeriveMigrationName)]
pub(super) struct Migration(pub(super) TablePrefix);

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_column(manager, &self.0, "sessions", boolean("remembered").default(true)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_column(manager, &self.0, "sessions", "remembered").await
    }
}
