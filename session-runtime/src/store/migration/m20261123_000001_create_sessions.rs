//! Creates the three tables.

use sea_orm::DbBackend;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, boolean, uuid, var_binary};

use super::column::{create_index, document, drop_table, settled, table, varchar, varchar_or_null};
use crate::store::TablePrefix;

#[derive(DeriveMigrationName)]
pub(super) struct Migration(pub(super) TablePrefix);

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        manager.create_table(self.sessions(backend)).await?;
        create_index(manager, &self.0, "sessions", "sessions_by_user", &["tenant", "user_id"]).await?;
        // For purging. The idle expiry has no index, since every rotation changes it and would have to write the index too.
        create_index(manager, &self.0, "sessions", "sessions_by_absolute_expiry", &["absolute_expires_at"]).await?;
        manager.create_table(self.invalidations(backend)).await?;
        manager.create_table(self.keys(backend)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["session_keys", "session_invalidations", "sessions"] {
            drop_table(manager, &self.0, name).await?;
        }
        Ok(())
    }
}

impl Migration {
    fn sessions(&self, backend: DbBackend) -> TableCreateStatement {
        let mut sessions = table(&self.0, "sessions");
        sessions
            .col(uuid("handle").primary_key())
            .col(varchar("tenant", 64))
            .col(varchar("user_id", 128))
            .col(document("payload", backend))
            .col(varchar("payload_kind", 64))
            .col(big_integer("payload_version"))
            .col(big_integer("payload_revision"))
            .col(document("data", backend))
            .col(varchar("data_kind", 64))
            .col(big_integer("data_version"))
            .col(big_integer("data_revision"))
            .col(var_binary("secret_digest", 32))
            .col(big_integer("generation"))
            .col(boolean("confirmed"))
            .col(big_integer("rotated_at"))
            .col(big_integer("created_at"))
            .col(big_integer("authenticated_at"))
            .col(big_integer("last_seen_at"))
            .col(big_integer("idle_expires_at"))
            .col(big_integer("absolute_expires_at"))
            .col(varchar_or_null("device_label", 128))
            .col(varchar_or_null("user_agent", 512))
            .col(varchar_or_null("ip", 45));
        settled(sessions, backend)
    }

    fn invalidations(&self, backend: DbBackend) -> TableCreateStatement {
        let mut invalidations = table(&self.0, "session_invalidations");
        invalidations
            .col(big_integer("sequence").primary_key().auto_increment())
            .col(varchar("tenant", 64))
            .col(varchar("subject", 16))
            .col(varchar("subject_id", 128))
            .col(big_integer("not_before"))
            .col(varchar("reason", 64))
            .col(big_integer("expires_at"));
        settled(invalidations, backend)
    }

    fn keys(&self, backend: DbBackend) -> TableCreateStatement {
        let mut keys = table(&self.0, "session_keys");
        keys.col(big_integer("sequence").primary_key())
            .col(var_binary("secret", 256))
            .col(boolean("wrapped"))
            .col(big_integer("created_at"));
        settled(keys, backend)
    }
}
