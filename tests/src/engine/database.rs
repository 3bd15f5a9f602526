//! A fresh, empty database for each test.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, DbErr, Statement};
use tempfile::TempDir;

use super::{Engine, PATIENCE, Server, statements};

/// An empty database, there as long as this value.
pub struct Database {
    pub engine: Engine,
    pub url: String,
    /// What the server calls it; for SQLite nothing.
    pub(super) name: String,
    /// Where the server can be told what concerns all of it.
    pub(super) server_url: String,
    /// What a private server of the test support says.
    pub(super) server_log: Option<PathBuf>,
    /// Of a database that is a file.
    _folder: Option<TempDir>,
}

impl Database {
    /// On the server that all tests share, or in a new file.
    pub async fn fresh(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => Self::file(),
            Engine::Postgres | Engine::MariaDb => Self::on(Server::shared(engine).await).await,
        }
    }

    fn file() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("sessions.db");
        std::fs::File::create(&file).expect("a file");
        Self {
            engine: Engine::Sqlite,
            url: format!("sqlite://{}", file.display()),
            name: String::new(),
            server_url: String::new(),
            server_log: None,
            _folder: Some(folder),
        }
    }

    pub(super) async fn on(server: &Server) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("session_test_{}", COUNT.fetch_add(1, Ordering::SeqCst));
        create(server, &name).await;
        Self {
            engine: server.engine(),
            url: server.url(&name),
            name,
            server_url: server.own_url(),
            server_log: server.log(),
            _folder: None,
        }
    }

    /// A new pool of connections, as an application has.
    pub async fn connect(&self) -> DatabaseConnection {
        connect(&self.url).await
    }

    /// Where another server has it, which follows this one.
    pub fn url_on(&self, server: &Server) -> String {
        server.url(&self.name)
    }

    /// Has the server write down all statements over connections that are opened from now on.
    ///
    /// # Panics
    ///
    /// On SQLite, whose statements are counted at the connection, and on a PostgreSQL server that was given, whose log is out of reach.
    pub async fn log_statements(&self) {
        statements::log(self).await;
    }

    /// What was written down of this database alone, in order.
    pub async fn statements(&self) -> Vec<String> {
        statements::read(self).await
    }
}

/// A server that was given may have one of an earlier run.
async fn create(server: &Server, name: &str) {
    // PostgreSQL copies a database; nobody is ever connected to this one, which would be in the way.
    let (force, template) =
        if server.engine() == Engine::Postgres { (" WITH (FORCE)", " TEMPLATE template0") } else { ("", "") };
    tell(&server.own_url(), &format!("DROP DATABASE IF EXISTS {name}{force}")).await;
    tell(&server.own_url(), &format!("CREATE DATABASE {name}{template}")).await;
}

/// A new pool of connections to any of the servers.
///
/// # Panics
///
/// Where nobody answers for a minute.
pub async fn connect(url: &str) -> DatabaseConnection {
    try_connect(url).await.unwrap_or_else(|error| panic!("{url}: {error}"))
}

pub(super) async fn try_connect(url: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options.connect_timeout(PATIENCE).acquire_timeout(PATIENCE).max_connections(4).sqlx_logging(false);
    // Boxed: the driver's future is deeper than the compiler likes to see within those of the tests.
    Box::pin(sea_orm::Database::connect(options)).await
}

/// The first column of what a server answers, over a connection of its own; nothing where it is not ready to answer.
pub(super) async fn ask(url: &str, sql: &str) -> Option<String> {
    let connection = try_connect(url).await.ok()?;
    let row = connection.query_one_raw(Statement::from_string(connection.get_database_backend(), sql)).await;
    connection.close().await.expect("a connection's end");
    row.ok()??.try_get_by_index(0).ok()
}

/// Tells a server what concerns all of it.
pub(super) async fn tell(url: &str, sql: &str) {
    let connection = connect(url).await;
    connection.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    connection.close().await.expect("a connection's end");
}
