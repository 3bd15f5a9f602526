//! Setting sessions up: database, tables, keys, and the work behind the requests.

use std::error::Error;
use std::num::NonZeroU32;
use std::sync::Arc;

use sea_orm::DatabaseConnection;

use super::event::{EventSink, Sink};
use super::home::Home;
use super::ring::Ring;
use super::source::{PayloadRequest, PayloadVerdict, Sources};
use super::terms::OwnTerms;
use super::{Core, Sessions, feed, keeper, keys, known, notes, purge};
use crate::clock::{Clock, SystemClock, TimeProvider};
use crate::config::{KeyError, Keys, Policy};
use crate::error::SetupError;
use crate::id::TenantId;
use crate::payload::AccessTokenPayload;
use crate::store::{self, Limits, Pool, Store, TablePrefix};

/// Sessions in the making: say which database.
#[must_use = "sessions exist when a database is connected"]
#[derive(Debug)]
pub struct SessionsBuilder {
    policy: Policy,
    keys: Keys,
    clock: Clock,
    prefix: TablePrefix,
    migrations: Migrations,
    sources: Sources,
    sink: Sink,
    max_connections: Option<NonZeroU32>,
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
        Self {
            policy,
            keys,
            clock: Clock::new(SystemClock),
            prefix: TablePrefix::default(),
            migrations: Migrations::Automatic,
            sources: Sources::default(),
            sink: Sink::default(),
            max_connections: None,
        }
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

    /// How many connections [`connect`](Self::connect) may open for statements. Default: 10, on SQLite 4. Of four and more, three quarters
    /// may stay at hand between statements, which makes these cheaper. A database in memory has one, whatever is said here.
    pub fn max_connections(self, connections: NonZeroU32) -> Self {
        Self { max_connections: Some(connections), ..self }
    }

    /// Tells `sink` what happens to sessions, after it is committed; it must not block. Another call replaces the sink.
    pub fn events(self, sink: impl EventSink) -> Self {
        Self { sink: Sink::new(sink), ..self }
    }

    /// Asks `source` for the payload of every session of this kind that is refreshed, before it is rotated: when roles change, sessions
    /// follow with their next refresh. A new payload is stored with the rotation, at no further statement; racing tabs that
    /// repeat a refresh get what the first one stored. Another call for the same `P` replaces the source.
    ///
    /// The source has [`payload_source_timeout`](crate::PolicyBuilder::payload_source_timeout), and its failure means what
    /// [`payload_source_failure`](crate::PolicyBuilder::payload_source_failure) says. A payload that does not fit a cookie fails the
    /// refresh, as it would fail when it is set.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use serde::{Deserialize, Serialize};
    /// use session_runtime::{AccessTokenPayload, Keys, PayloadRequest, PayloadVerdict, Policy, Sessions};
    ///
    /// #[derive(Serialize, Deserialize, AccessTokenPayload)]
    /// struct Shopper {
    ///     discount: u8,
    /// }
    ///
    /// async fn look_up(request: PayloadRequest<Shopper>) -> Result<PayloadVerdict<Shopper>, std::io::Error> {
    ///     match request.user_id.as_str() {
    ///         "banned" => Ok(PayloadVerdict::EndSession),
    ///         _ => Ok(PayloadVerdict::Replace(Shopper { discount: 10 })), // asked of the application's own tables
    ///     }
    /// }
    ///
    /// # let policy = Policy::for_api("https://api.shop.example").build()?;
    /// let sessions = Sessions::builder(policy, Keys::managed()).payload_source(look_up).connect("sqlite::memory:").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn payload_source<P, S, F, E>(mut self, source: S) -> Self
    where
        P: AccessTokenPayload,
        S: Fn(PayloadRequest<P>) -> F + Send + Sync + 'static,
        F: Future<Output = Result<PayloadVerdict<P>, E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        self.sources.insert(source);
        self
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
        let pool = store::connect(url, self.max_connections).await?;
        self.with_pool(pool).await
    }

    /// As [`connect`](Self::connect), over a connection pool of the application's own, which stays its own: the library sets
    /// nothing on it. On SQLite, give it a busy timeout, and an `after_release` that closes a connection which is still in a transaction.
    /// With the pool's settings the library opens one more connection on PostgreSQL and MySQL, by which it reads what was revoked however
    /// busy the pool is, and on PostgreSQL another that listens, unless [`feed_delivery`](crate::PolicyBuilder::feed_delivery) says
    /// otherwise.
    ///
    /// What it costs: connections go back to the pool after each statement, nothing is sent again when one was dead, and on PostgreSQL
    /// refreshes are a statement each. Where it is about their number only, there is [`max_connections`](Self::max_connections).
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect).
    pub async fn with_connection(self, connection: DatabaseConnection) -> Result<Sessions, SetupError> {
        self.with_pool(connection.into()).await
    }

    async fn with_pool(self, pool: Pool) -> Result<Sessions, SetupError> {
        let limits = Limits { places: self.policy.database_queue, time: self.policy.database_timeout };
        let store = Store::new(pool, limits, self.prefix.clone(), self.policy.feed_delivery)
            .map_err(|found| SetupError::Engine { found })?;
        if self.migrations == Migrations::Automatic {
            store.migrate().await?;
        }
        let (ring, managed_keys) = keys::load(self.keys.into_source(), &store, self.clock.now()).await?;
        let core = Arc::new(Core {
            known: known::KnownTokens::new(self.policy.verified_tokens),
            policy: self.policy,
            ring: Ring::new(ring),
            store,
            clock: self.clock,
            notes: notes::Notes::default(),
            feed: feed::Feed::default(),
            sources: self.sources,
            managed_keys,
            keeper: keeper::Keeper::new(),
            purger: purge::Purger::new().map_err(|_| KeyError::Random)?,
            sink: self.sink,
        });
        core.check_clock().await?;
        // Before the first request: what was revoked while this node was away must be refused from the start.
        core.read_feed().await?;
        keeper::Keeper::start(&core);
        let (tenant, terms) = (TenantId::default(), OwnTerms::default());
        Ok(Sessions { core: Home::Own(core), tenant, terms, device: None, reason: None })
    }
}
