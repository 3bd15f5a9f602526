//! Setting sessions up: database, tables, keys, and the work behind the requests.

use std::sync::Arc;

use arc_swap::ArcSwap;
use sea_orm::DatabaseConnection;

use super::terms::Terms;
use super::{Core, Sessions, feed, keeper, keys, notes};
use crate::clock::{Clock, SystemClock, TimeProvider};
use crate::config::{Keys, Policy};
use crate::error::SetupError;
use crate::id::TenantId;
use crate::store::{self, Store, TablePrefix};

/// Sessions in the making: say which database.
#[must_use = "sessions exist when a database is connected"]
#[derive(Debug)]
pub struct SessionsBuilder {
    policy: Policy,
    keys: Keys,
    clock: Clock,
    prefix: TablePrefix,
    migrations: Migrations,
}

/// Who brings the tables up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Migrations {
    /// The library, when sessions are built.
    Automatic,
    /// The application, with [`Migrator`](crate::Migrator), before sessions are built: its database user may then be one that may not
    /// change tables.
    Manual,
}

impl SessionsBuilder {
    pub(super) fn new(policy: Policy, keys: Keys) -> Self {
        let (prefix, migrations) = (TablePrefix::default(), Migrations::Automatic);
        Self { policy, keys, clock: Clock::new(SystemClock), prefix, migrations }
    }

    /// Tells the time by another clock than the operating system's.
    pub fn clock(self, clock: impl TimeProvider) -> Self {
        Self { clock: Clock::new(clock), ..self }
    }

    /// What the names of the library's tables begin with. Default: nothing, as in `sessions`.
    pub fn table_prefix(self, prefix: TablePrefix) -> Self {
        Self { prefix, ..self }
    }

    /// Who brings the tables up to date. Default: [`Migrations::Automatic`].
    pub fn migrations(self, migrations: Migrations) -> Self {
        Self { migrations, ..self }
    }

    /// Opens the database at `url`: `sqlite://sessions.db`, or, with the features `postgres` and `mysql`, `postgres://…` and
    /// `mysql://…`. An SQLite file that is missing is created, unless the URL's `mode` says otherwise. Brings the tables up to date,
    /// loads the keys, and starts the work behind the requests.
    ///
    /// Call it within a tokio runtime with time enabled.
    ///
    /// # Errors
    ///
    /// When the URL is none, the database cannot be opened, its tables cannot be brought up to date, or the keys cannot be used.
    pub async fn connect(self, url: &str) -> Result<Sessions, SetupError> {
        // Before anybody else looks at the URL, whose complaint would quote its password.
        let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
        if !store::SCHEMES.contains(&scheme) {
            return Err(SetupError::Engine { found: scheme.to_owned() });
        }
        let connection = store::connect(url).await?;
        self.with_connection(connection).await
    }

    /// As [`connect`](Self::connect), over a connection pool of the application's own, which stays its own: the library sets
    /// nothing on it. On SQLite, give it a busy timeout.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect).
    pub async fn with_connection(self, connection: DatabaseConnection) -> Result<Sessions, SetupError> {
        let store = Store::new(connection, self.prefix.clone()).map_err(|found| SetupError::Engine { found })?;
        if self.migrations == Migrations::Automatic {
            store.migrate().await?;
        }
        let ring = keys::load(self.keys.into_source(), &store, self.clock.now()).await?;
        let core = Arc::new(Core {
            policy: self.policy,
            ring: ArcSwap::from_pointee(ring),
            store,
            clock: self.clock,
            notes: notes::Notes::default(),
            feed: feed::Feed::default(),
            keeper: keeper::Keeper::new(),
        });
        // Before the first request: what was revoked while this node was away must be refused from the start.
        core.read_feed().await?;
        keeper::Keeper::start(&core);
        Ok(Sessions { core, tenant: TenantId::default(), terms: Terms::default(), exchange: None })
    }
}
