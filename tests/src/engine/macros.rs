//! One test, several engines.

/// Makes a test of each engine from one `async fn(Database)`, with the database fresh and empty. Names of functions that stand beside it:
///
/// ```text
/// on_each_engine! { rows_are_kept }
///
/// async fn rows_are_kept(database: Database) { … }
/// ```
///
/// gives `rows_are_kept::sqlite`, `rows_are_kept::postgres` and `rows_are_kept::mariadb`. Those whose engine is missing are reported as
/// ignored, with what to install.
#[macro_export]
macro_rules! on_each_engine {
    ($($name:ident)*) => {
        $(
            mod $name {
                use $crate::engine::{Database, Engine};

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn sqlite() {
                    super::$name(Database::fresh(Engine::Sqlite).await).await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                #[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install -y postgresql")]
                async fn postgres() {
                    super::$name(Database::fresh(Engine::Postgres).await).await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                #[cfg_attr(not(has_mariadb), ignore = "needs MariaDB: apt-get install -y mariadb-server")]
                async fn mariadb() {
                    super::$name(Database::fresh(Engine::MariaDb).await).await;
                }
            }
        )*
    };
}

/// As [`on_each_engine`], from one `async fn(Server)`: a server of the test's own, which it may pause, kill and restart.
#[macro_export]
macro_rules! on_each_server {
    ($($name:ident)*) => {
        $(
            mod $name {
                use $crate::engine::{Durability, Engine, Server};

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                #[cfg_attr(not(starts_postgres), ignore = "needs PostgreSQL: apt-get install -y postgresql")]
                async fn postgres() {
                    super::$name(Server::start(Engine::Postgres, Durability::Kill).await).await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                #[cfg_attr(not(starts_mariadb), ignore = "needs MariaDB: apt-get install -y mariadb-server")]
                async fn mariadb() {
                    super::$name(Server::start(Engine::MariaDb, Durability::Kill).await).await;
                }
            }
        )*
    };
}
