//! PostgreSQL's LISTEN: told by a connection of its own that something was announced. What a notification says is not looked at; the
//! announcements are read as ever.

use super::{Store, StoreError};

/// Where there is something to listen to.
pub(crate) struct Listener(imp::Listener);

/// A connection that listens.
pub(crate) struct Listening(imp::Listening);

impl Store {
    /// Nothing where announcements are not notified.
    pub(crate) fn listener(&self) -> Option<Listener> {
        if self.dialect().notifies { imp::listener(self).map(Listener) } else { None }
    }
}

impl Listener {
    /// One connection, beside the application's pool and with its settings, for as long as the value lives.
    pub(crate) async fn listen(&self) -> Result<Listening, StoreError> {
        self.0.listen().await.map(Listening)
    }
}

impl Listening {
    /// Waits until something was announced. After an error it hears nothing more.
    pub(crate) async fn announced(&mut self) -> Result<(), StoreError> {
        self.0.announced().await
    }
}

#[cfg(feature = "postgres")]
mod imp {
    use sea_orm::sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
    use sea_orm::{DatabaseConnectionType, DbErr, RuntimeErr, SqlxError};

    use crate::store::connect::PATIENCE;
    use crate::store::invalidations::CHANNEL;
    use crate::store::{Store, StoreError};

    pub(super) struct Listener {
        options: PgConnectOptions,
        channel: String,
    }

    pub(super) struct Listening(PgListener);

    pub(super) fn listener(store: &Store) -> Option<Listener> {
        let DatabaseConnectionType::SqlxPostgresPoolConnection(_) = &store.db.inner else { return None };
        let options = store.db.get_postgres_connection_pool().connect_options();
        Some(Listener { options: (*options).clone(), channel: store.dialect().prefix.table(CHANNEL) })
    }

    impl Listener {
        pub(super) async fn listen(&self) -> Result<Listening, StoreError> {
            // A pool of one, since the listener asks for a pool: a connection of the application's pool would be missing there.
            let pool = PgPoolOptions::new()
                .max_connections(1)
                .acquire_timeout(PATIENCE)
                .idle_timeout(None)
                .max_lifetime(None)
                .connect_lazy_with(self.options.clone());
            let mut listener = PgListener::connect_with(&pool).await.map_err(failed)?;
            listener.listen(&self.channel).await.map_err(failed)?;
            // What is missed while the connection is away has to be read: so its loss must be seen.
            listener.eager_reconnect(false);
            Ok(Listening(listener))
        }
    }

    impl Listening {
        pub(super) async fn announced(&mut self) -> Result<(), StoreError> {
            match self.0.try_recv().await {
                Ok(Some(_)) => Ok(()),
                Ok(None) => Err(failed(SqlxError::PoolClosed)),
                Err(error) => Err(failed(error)),
            }
        }
    }

    fn failed(error: SqlxError) -> StoreError {
        DbErr::Conn(RuntimeErr::SqlxError(error.into())).into()
    }
}

#[cfg(not(feature = "postgres"))]
mod imp {
    use crate::store::{Store, StoreError};

    /// There is none.
    pub(super) enum Listener {}
    pub(super) enum Listening {}

    pub(super) const fn listener(_: &Store) -> Option<Listener> {
        None
    }

    impl Listener {
        pub(super) async fn listen(&self) -> Result<Listening, StoreError> {
            match *self {}
        }
    }

    impl Listening {
        pub(super) async fn announced(&mut self) -> Result<(), StoreError> {
            match *self {}
        }
    }
}
