//! Opening the sessions of a service that this program knows nothing of but the database.

use std::time::Duration;

use sea_orm::{Database as Connections, DatabaseConnection};
use sea_orm_migration::MigratorTraitSelf;
use session_runtime::{Keys, Migrations, Migrator, Policy, PolicyBuilder, Sessions};

use crate::arguments::Database;
use crate::failure::{Failure, chain};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A policy that does no harm to a service with another one: what is ended is remembered for as long as any token may live, records are
/// kept, keys are left alone.
pub(crate) fn policy() -> PolicyBuilder {
    Policy::for_api("http://localhost")
        .access_token_lifetime(30 * DAY)
        .audit_retention(3650 * DAY)
        .key_rotation(400 * DAY)
}

impl Database {
    /// For everything but keys: no key is read or made, and nothing is signed.
    pub(crate) async fn open(&self, policy: PolicyBuilder) -> Result<Sessions, Failure> {
        // It signs nothing that anybody sees, and verifies nothing.
        let nothing = Keys::from_secrets(["this program signs no tokens and verifies none"]);
        self.open_with(policy, nothing.map_err(|error| Failure::Failed(chain(&error)))?).await
    }

    pub(crate) async fn open_with(&self, policy: PolicyBuilder, keys: Keys) -> Result<Sessions, Failure> {
        self.check()?;
        let policy = policy.build().map_err(|error| Failure::Usage(chain(&error)))?;
        let builder = Sessions::builder(policy, keys).table_prefix(self.table_prefix.clone());
        match builder.migrations(Migrations::Manual).connect(&self.url()).await {
            Ok(sessions) => Ok(sessions.in_tenant(self.tenant.clone())),
            Err(error) if self.pending().await.is_ok_and(|pending| !pending.is_empty()) => {
                let hint = "the tables are missing or older than this program: run `sessions migrate`";
                Err(Failure::Failed(self.scrubbed(&format!("{hint} ({})", chain(&error)))))
            }
            Err(error) => Err(Failure::Failed(self.scrubbed(&chain(&error)))),
        }
    }

    /// What `migrate` would do.
    pub(crate) async fn pending(&self) -> Result<Vec<String>, Failure> {
        self.check()?;
        let connection = self.connection().await?;
        let migrator = Migrator::with_prefix(self.table_prefix.clone());
        let pending = migrator.get_pending_migrations(&connection).await;
        let pending = pending.map_err(|error| Failure::Failed(self.scrubbed(&chain(&error))))?;
        Ok(pending.iter().map(|migration| migration.name().to_owned()).collect())
    }

    pub(crate) async fn migrate(&self) -> Result<(), Failure> {
        self.check()?;
        let connection = self.connection().await?;
        let migrator = Migrator::with_prefix(self.table_prefix.clone());
        migrator.up(&connection, None).await.map_err(|error| Failure::Failed(self.scrubbed(&chain(&error))))
    }

    async fn connection(&self) -> Result<DatabaseConnection, Failure> {
        Connections::connect(self.url()).await.map_err(|error| Failure::Failed(self.scrubbed(&chain(&error))))
    }

    /// A file that is not there is a mistake in its name, and nothing to be created.
    fn url(&self) -> String {
        let is_file = self.database_url.starts_with("sqlite:") && !self.database_url.contains("mode=");
        match (is_file, self.database_url.contains('?')) {
            (true, false) => format!("{}?mode=rw", self.database_url),
            (true, true) => format!("{}&mode=rw", self.database_url),
            (false, _) => self.database_url.clone(),
        }
    }

    fn check(&self) -> Result<(), Failure> {
        if self.database_url.is_empty() {
            return Err(Failure::Usage("say which database: --database-url or SESSION_DATABASE_URL".to_owned()));
        }
        Ok(())
    }

    /// Without the URL and its password, whoever quoted them.
    fn scrubbed(&self, text: &str) -> String {
        let text = text.replace(&self.database_url, "(the database)");
        let password = || self.database_url.split_once("://")?.1.rsplit_once('@')?.0.split_once(':').map(|(_, it)| it);
        match password().filter(|password| !password.is_empty()) {
            Some(password) => text.replace(password, "…"),
            None => text,
        }
    }
}
