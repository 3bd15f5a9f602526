//! Adds what operating sessions needs: lifetimes and actors per session, the audit trail, leases, and what serializes sign-ins of
//! one user.

use sea_orm::DbBackend;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, boolean, uuid};

use super::column::{
    add_column, create_index, document_or_null, drop_column, drop_index, drop_table, settled, table, varchar,
    varchar_or_null,
};
use crate::store::TablePrefix;

#[derive(DeriveMigrationName)]
pub(super) struct Migration(pub(super) TablePrefix);

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        add_column(manager, &self.0, "sessions", &mut big_integer_null("idle_timeout")).await?;
        add_column(manager, &self.0, "sessions", &mut big_integer_null("access_token_lifetime")).await?;
        add_column(manager, &self.0, "sessions", &mut varchar_or_null("actor", 128)).await?;
        add_column(manager, &self.0, "sessions", boolean("anonymous").default(false)).await?;
        // Lists page along it; it holds all that the one before did.
        create_index(manager, &self.0, "sessions", "sessions_of_user", &["tenant", "user_id", "handle"]).await?;
        drop_index(manager, &self.0, "sessions", "sessions_by_user").await?;
        create_index(manager, &self.0, "session_invalidations", "session_invalidations_by_expiry", &["expires_at"])
            .await?;
        manager.create_table(self.audit(backend)).await?;
        create_index(manager, &self.0, "session_audit", "session_audit_by_time", &["happened_at"]).await?;
        create_index(manager, &self.0, "session_audit", "session_audit_of_user", &["tenant", "user_id", "sequence"])
            .await?;
        manager.create_table(self.leases(backend)).await?;
        manager.create_table(self.users(backend)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["session_users", "session_leases", "session_audit"] {
            drop_table(manager, &self.0, name).await?;
        }
        drop_index(manager, &self.0, "session_invalidations", "session_invalidations_by_expiry").await?;
        create_index(manager, &self.0, "sessions", "sessions_by_user", &["tenant", "user_id"]).await?;
        drop_index(manager, &self.0, "sessions", "sessions_of_user").await?;
        for name in ["anonymous", "actor", "access_token_lifetime", "idle_timeout"] {
            drop_column(manager, &self.0, "sessions", name).await?;
        }
        Ok(())
    }
}

impl Migration {
    /// Thefts and ends of sessions, for good: written in the transaction that ends them.
    fn audit(&self, backend: DbBackend) -> TableCreateStatement {
        let mut audit = table(&self.0, "session_audit");
        audit
            .col(big_integer("sequence").primary_key().auto_increment())
            .col(big_integer("happened_at"))
            .col(varchar("event", 32))
            .col(varchar("tenant", 64))
            .col(varchar("user_id", 128))
            .col(uuid("handle"))
            .col(varchar_or_null("actor", 128))
            .col(varchar("reason", 64))
            .col(document_or_null("detail", backend));
        settled(audit, backend)
    }

    /// Who does what only one node should do, and until when.
    fn leases(&self, backend: DbBackend) -> TableCreateStatement {
        let mut leases = table(&self.0, "session_leases");
        leases.col(varchar("name", 32).primary_key()).col(varchar("holder", 64)).col(big_integer("expires_at"));
        settled(leases, backend)
    }

    /// A row for each user whose sign-ins wait for each other, so that a cap holds on every node at once.
    fn users(&self, backend: DbBackend) -> TableCreateStatement {
        let mut users = table(&self.0, "session_users");
        users
            .col(varchar("tenant", 64))
            .col(varchar("user_id", 128))
            .col(big_integer("signed_in_at"))
            .primary_key(Index::create().col("tenant").col("user_id"));
        settled(users, backend)
    }
}
