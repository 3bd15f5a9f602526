//! Real database servers for tests: private ones, from the programs that are installed, on ports of their own, with a fresh database
//! for each test. They end with the tests, whatever ends these.
//!
//! `SESSION_TEST_POSTGRES_URL` and `SESSION_TEST_MYSQL_URL` name servers to use instead, by a user who may create databases. A server
//! that is given serves one run of the tests at a time, and only tests that need no server of their own.

mod contention;
mod database;
mod disk;
mod galera;
mod home;
mod macros;
mod mariadb;
mod port;
mod postgres;
mod process;
mod programs;
mod replica;
mod server;
mod statements;

use std::time::Duration;

pub use contention::{lock, take_all_connections};
pub use database::{Database, connect};
pub use disk::Stalled;
pub use galera::Galera;
pub use process::Paused;
pub use replica::Replicated;
pub use server::{Durability, Server};

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
    MariaDb,
}

impl Engine {
    pub const ALL: [Self; 3] = [Self::Sqlite, Self::Postgres, Self::MariaDb];

    /// Whether its tests can run here; elsewhere they are ignored.
    pub fn available(self) -> bool {
        let is_installed = match self {
            Self::Sqlite => true,
            Self::Postgres => programs::postgres().is_some(),
            Self::MariaDb => programs::mariadb().is_some(),
        };
        is_installed || self.given().is_some()
    }

    /// The engine that this test is about: its thread bears its name, and the tests in `on_postgres` and `on_mariadb` are those of other
    /// files once more. All others are on SQLite.
    pub fn of_this_test() -> Self {
        let thread = std::thread::current();
        match thread.name().and_then(|test| test.split_once("::")) {
            Some(("on_postgres", _)) => Self::Postgres,
            Some(("on_mariadb", _)) => Self::MariaDb,
            _ => Self::Sqlite,
        }
    }

    /// The server that the environment names.
    fn given(self) -> Option<String> {
        match self {
            Self::Sqlite => None,
            Self::Postgres => std::env::var(programs::POSTGRES_URL).ok(),
            Self::MariaDb => std::env::var(programs::MYSQL_URL).ok(),
        }
    }
}

/// Asks every few milliseconds until there is an answer.
///
/// # Panics
///
/// Where there is none for a minute.
pub async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let asking = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, asking).await.unwrap_or_else(|_| panic!("in vain awaited: {what}"))
}
