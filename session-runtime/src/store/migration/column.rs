//! Columns, tables and indexes as each engine should have them. Each step asks first whether it was done: MySQL commits them one by
//! one, so a migration may have ended in the middle.

use sea_orm::DbBackend;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{string_len, string_len_null, text, text_null};

use crate::store::TablePrefix;

pub(super) fn varchar(name: impl IntoIden, length: u32) -> ColumnDef {
    string_len(name, length)
}

pub(super) fn varchar_or_null(name: impl IntoIden, length: u32) -> ColumnDef {
    string_len_null(name, length)
}

/// A JSON document as it was written, byte for byte: JSON columns reorder what they store. MySQL's `TEXT` would end at 64 KiB.
pub(super) fn document(name: impl IntoIden, backend: DbBackend) -> ColumnDef {
    match backend {
        DbBackend::MySql => ColumnDef::new(name).custom("mediumtext").not_null().to_owned(),
        _ => text(name),
    }
}

pub(super) fn document_or_null(name: impl IntoIden, backend: DbBackend) -> ColumnDef {
    match backend {
        DbBackend::MySql => ColumnDef::new(name).custom("mediumtext").null().to_owned(),
        _ => text_null(name),
    }
}

pub(super) fn table(prefix: &TablePrefix, name: &str) -> TableCreateStatement {
    Table::create().table(Alias::new(prefix.table(name))).if_not_exists().to_owned()
}

/// On MySQL text is compared byte for byte, as elsewhere: user ids that differ in case are different users.
pub(super) fn settled(mut table: TableCreateStatement, backend: DbBackend) -> TableCreateStatement {
    if backend == DbBackend::MySql {
        table.engine("InnoDB").character_set("utf8mb4").collate("utf8mb4_bin");
    }
    table
}

pub(super) async fn drop_table(manager: &SchemaManager<'_>, prefix: &TablePrefix, name: &str) -> Result<(), DbErr> {
    manager.drop_table(Table::drop().table(Alias::new(prefix.table(name))).if_exists().to_owned()).await
}

pub(super) async fn add_column(
    manager: &SchemaManager<'_>,
    prefix: &TablePrefix,
    table: &str,
    column: &mut ColumnDef,
) -> Result<(), DbErr> {
    let table = prefix.table(table);
    if manager.has_column(&table, column.get_column_name()).await? {
        return Ok(());
    }
    manager.alter_table(Table::alter().table(Alias::new(table)).add_column(column.take()).to_owned()).await
}

pub(super) async fn drop_column(
    manager: &SchemaManager<'_>,
    prefix: &TablePrefix,
    table: &str,
    column: &str,
) -> Result<(), DbErr> {
    let table = prefix.table(table);
    if !manager.has_column(&table, column).await? {
        return Ok(());
    }
    manager.alter_table(Table::alter().table(Alias::new(table)).drop_column(Alias::new(column)).to_owned()).await
}

pub(super) async fn create_index(
    manager: &SchemaManager<'_>,
    prefix: &TablePrefix,
    table: &str,
    index: &str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    let (table, index) = (prefix.table(table), prefix.table(index));
    if manager.has_index(&table, &index).await? {
        return Ok(());
    }
    let mut create = Index::create();
    create.name(&index).table(Alias::new(table));
    for column in columns {
        create.col(*column);
    }
    manager.create_index(create).await
}

pub(super) async fn drop_index(
    manager: &SchemaManager<'_>,
    prefix: &TablePrefix,
    table: &str,
    index: &str,
) -> Result<(), DbErr> {
    let (table, index) = (prefix.table(table), prefix.table(index));
    if !manager.has_index(&table, &index).await? {
        return Ok(());
    }
    manager.drop_index(Index::drop().name(index).table(Alias::new(table)).to_owned()).await
}
