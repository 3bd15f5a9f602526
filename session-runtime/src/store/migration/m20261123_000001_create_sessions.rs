//! Creates the three tables.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, boolean, string_len, string_len_null, text, uuid, var_binary};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[derive(DeriveIden)]
enum Sessions {
    Table,
    Handle,
    Tenant,
    UserId,
    Payload,
    PayloadKind,
    PayloadVersion,
    PayloadRevision,
    Data,
    DataKind,
    DataVersion,
    DataRevision,
    SecretDigest,
    Generation,
    Confirmed,
    RotatedAt,
    CreatedAt,
    AuthenticatedAt,
    LastSeenAt,
    IdleExpiresAt,
    AbsoluteExpiresAt,
    DeviceLabel,
    UserAgent,
    Ip,
}

#[derive(DeriveIden)]
enum SessionInvalidations {
    Table,
    Sequence,
    Tenant,
    Subject,
    SubjectId,
    NotBefore,
    Reason,
    ExpiresAt,
}

#[derive(DeriveIden)]
enum SessionKeys {
    Table,
    Sequence,
    Secret,
    Wrapped,
    CreatedAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(sessions()).await?;
        manager.create_index(by_user()).await?;
        manager.create_index(by_absolute_expiry()).await?;
        manager.create_table(invalidations()).await?;
        manager.create_table(keys()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(SessionKeys::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(SessionInvalidations::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(Sessions::Table).to_owned()).await
    }
}

fn sessions() -> TableCreateStatement {
    Table::create()
        .table(Sessions::Table)
        .col(uuid(Sessions::Handle).primary_key())
        .col(string_len(Sessions::Tenant, 64))
        .col(string_len(Sessions::UserId, 128))
        .col(text(Sessions::Payload))
        .col(string_len(Sessions::PayloadKind, 64))
        .col(big_integer(Sessions::PayloadVersion))
        .col(big_integer(Sessions::PayloadRevision))
        .col(text(Sessions::Data))
        .col(string_len(Sessions::DataKind, 64))
        .col(big_integer(Sessions::DataVersion))
        .col(big_integer(Sessions::DataRevision))
        .col(var_binary(Sessions::SecretDigest, 32))
        .col(big_integer(Sessions::Generation))
        .col(boolean(Sessions::Confirmed))
        .col(big_integer(Sessions::RotatedAt))
        .col(big_integer(Sessions::CreatedAt))
        .col(big_integer(Sessions::AuthenticatedAt))
        .col(big_integer(Sessions::LastSeenAt))
        .col(big_integer(Sessions::IdleExpiresAt))
        .col(big_integer(Sessions::AbsoluteExpiresAt))
        .col(string_len_null(Sessions::DeviceLabel, 128))
        .col(string_len_null(Sessions::UserAgent, 512))
        .col(string_len_null(Sessions::Ip, 45))
        .to_owned()
}

fn by_user() -> IndexCreateStatement {
    Index::create()
        .name("sessions_by_user")
        .table(Sessions::Table)
        .col(Sessions::Tenant)
        .col(Sessions::UserId)
        .to_owned()
}

/// For purging. The idle expiry has no index, since every rotation changes it and would have to write the index too.
fn by_absolute_expiry() -> IndexCreateStatement {
    Index::create()
        .name("sessions_by_absolute_expiry")
        .table(Sessions::Table)
        .col(Sessions::AbsoluteExpiresAt)
        .to_owned()
}

fn invalidations() -> TableCreateStatement {
    Table::create()
        .table(SessionInvalidations::Table)
        .col(big_integer(SessionInvalidations::Sequence).primary_key().auto_increment())
        .col(string_len(SessionInvalidations::Tenant, 64))
        .col(string_len(SessionInvalidations::Subject, 16))
        .col(string_len(SessionInvalidations::SubjectId, 128))
        .col(big_integer(SessionInvalidations::NotBefore))
        .col(string_len(SessionInvalidations::Reason, 64))
        .col(big_integer(SessionInvalidations::ExpiresAt))
        .to_owned()
}

fn keys() -> TableCreateStatement {
    Table::create()
        .table(SessionKeys::Table)
        .col(big_integer(SessionKeys::Sequence).primary_key())
        .col(var_binary(SessionKeys::Secret, 256))
        .col(boolean(SessionKeys::Wrapped))
        .col(big_integer(SessionKeys::CreatedAt))
        .to_owned()
}
