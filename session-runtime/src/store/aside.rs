//! A connection beside the pool, by which revocations are read: a pool whose connections all wait for a slow statement does not keep a
//! node from learning what others have revoked.

use sea_orm::DatabaseConnection;

/// One connection with the settings of the pool; opened when it is first used. None on SQLite, whose database may be one connection's
/// memory.
pub(super) fn aside(pool: &DatabaseConnection) -> Option<DatabaseConnection> {
    match &pool.inner {
        #[cfg(feature = "postgres")]
        sea_orm::DatabaseConnectionType::SqlxPostgresPoolConnection(_) => {
            let pool = pool.get_postgres_connection_pool();
            let options = (*pool.connect_options()).clone();
            let one = servers::one_of(pool).connect_lazy_with(options);
            Some(sea_orm::SqlxPostgresConnector::from_sqlx_postgres_pool(one))
        }
        #[cfg(feature = "mysql")]
        sea_orm::DatabaseConnectionType::SqlxMySqlPoolConnection(_) => {
            let pool = pool.get_mysql_connection_pool();
            let options = (*pool.connect_options()).clone();
            let one = servers::one_of(pool).connect_lazy_with(options);
            Some(sea_orm::SqlxMySqlConnector::from_sqlx_mysql_pool(one))
        }
        _ => None,
    }
}

#[cfg(any(feature = "postgres", feature = "mysql"))]
mod servers {
    use std::time::Duration;

    use sea_orm::sqlx::pool::PoolOptions;
    use sea_orm::sqlx::{Database, Pool};

    use crate::store::doubt::doubted;

    /// While a server refuses connections, a pool tries again at a fifth of this at most: so much later does a node that was cut off
    /// hear what it missed.
    const OPENING: Duration = Duration::from_secs(2);

    pub(super) fn one_of<D: Database>(pool: &Pool<D>) -> PoolOptions<D> {
        // One connection that reads once a second can be asked after every use.
        let options = doubted(pool.options().clone());
        options.min_connections(0).max_connections(1).acquire_timeout(OPENING).idle_timeout(None)
    }
}
