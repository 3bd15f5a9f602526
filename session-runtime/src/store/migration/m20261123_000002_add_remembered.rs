//! Adds `sessions.remembered`: sessions that were there before are, as all were.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::boolean;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[derive(DeriveIden)]
enum Sessions {
    Table,
    Remembered,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let remembered = boolean(Sessions::Remembered).default(true).to_owned();
        manager.alter_table(Table::alter().table(Sessions::Table).add_column(remembered).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table(Sessions::Table).drop_column(Sessions::Remembered).to_owned()).await
    }
}
