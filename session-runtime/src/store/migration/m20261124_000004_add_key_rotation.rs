//! Adds what rotating managed keys needs: from when a key signs, and since when it is revoked.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null};

use super::column::{add_column, drop_column};
use crate::store::TablePrefix;

#[derive(DeriveMigrationName)]
pub(super) struct Migration(pub(super) TablePrefix);

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_column(manager, &self.0, "session_keys", big_integer("signs_from").default(0)).await?;
        add_column(manager, &self.0, "session_keys", &mut big_integer_null("revoked_at")).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["revoked_at", "signs_from"] {
            drop_column(manager, &self.0, "session_keys", name).await?;
        }
        Ok(())
    }
}
