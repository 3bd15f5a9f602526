//! A server that listens on a port of its own, or one that was given.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use reqwest::Url;
use tokio::net::TcpStream;
use tokio::sync::OnceCell;

use super::database::try_connect;
use super::disk::Stalled;
use super::home::Home;
use super::process::{Paused, Process, Program};
use super::{Database, Engine, eventually, mariadb, postgres};
use crate::machine::Place;

/// What an acknowledged write outlives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// `kill -9` of the server. The system has what was written, and nobody waits for the disk.
    Kill,
    /// The end of the whole machine.
    PowerCut,
}

/// A database server. Killed when dropped.
pub struct Server {
    engine: Engine,
    /// Of a database that every server of the engine has.
    url: Url,
    /// Nothing of a server that was given. Dropped in this order: what runs no more writes nothing into its folder.
    own: Option<(Process, Program)>,
}

impl Server {
    /// The server that all tests on this engine share.
    pub async fn shared(engine: Engine) -> &'static Self {
        static POSTGRES: OnceCell<Server> = OnceCell::const_new();
        static MARIADB: OnceCell<Server> = OnceCell::const_new();
        let server = if engine == Engine::Postgres { &POSTGRES } else { &MARIADB };
        server
            .get_or_init(async || match engine.given() {
                Some(url) => Self { engine, url: url.parse().expect("the URL of a server"), own: None },
                None => Self::start(engine, Durability::Kill).await,
            })
            .await
    }

    /// A server of the test's own, which it may stop.
    ///
    /// # Panics
    ///
    /// For SQLite, which has no server.
    pub async fn start(engine: Engine, durability: Durability) -> Self {
        Self::start_at(&Place::Here, engine, durability).await
    }

    /// As [`start`](Self::start), on a machine.
    pub async fn start_at(place: &Place, engine: Engine, durability: Durability) -> Self {
        match engine {
            Engine::Sqlite => panic!("SQLite has no server"),
            Engine::Postgres => postgres::start(place, durability).await,
            Engine::MariaDb => mariadb::start(place, durability).await,
        }
    }

    /// Starts this program, and waits until it answers at `url`.
    pub(super) async fn run(engine: Engine, url: String, program: Program) -> Self {
        let process = program.start();
        let url = url.parse().expect("the URL of a server");
        let mut server = Self { engine, url, own: Some((process, program)) };
        server.answers().await;
        server
    }

    /// A database that nothing is in. A server of the test's own must outlive it.
    pub async fn fresh_database(&self) -> Database {
        Database::on(self).await
    }

    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The URL of one of its databases.
    pub fn url(&self, database: &str) -> String {
        let mut url = self.url.clone();
        url.set_path(database);
        url.into()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        let host: Ipv4Addr = self.url.host_str().and_then(|host| host.parse().ok()).unwrap_or(Ipv4Addr::LOCALHOST);
        (host, self.url.port().expect("a port")).into()
    }

    /// Of the database that was there first.
    pub(super) fn own_url(&self) -> String {
        self.url.to_string()
    }

    /// What a private server says.
    pub(super) fn log(&self) -> Option<PathBuf> {
        self.own.as_ref().map(|(_, program)| program.log())
    }

    /// Where a private server runs.
    pub fn place(&self) -> &Place {
        &self.home().place
    }

    /// Where a private server lives.
    pub(super) fn home(&self) -> &Home {
        &self.own.as_ref().expect("a server of the tests' own").1.home
    }

    /// Ends it as `kill -9` does. Its data stay, for [`restart`](Self::restart).
    pub fn kill(&mut self) {
        self.parts().0.kill();
    }

    /// Starts it again after [`kill`](Self::kill), on the same port and data, and waits until it answers.
    pub async fn restart(&mut self) {
        let (process, program) = self.parts();
        *process = program.start();
        self.answers().await;
    }

    /// Lets it stand still until the guard is dropped.
    pub fn pause(&mut self) -> Paused {
        self.parts().0.pause()
    }

    /// Has what is written to its disk wait until the guard is dropped.
    pub fn stall_disk(&self) -> Stalled {
        self.home().stall()
    }

    async fn answers(&mut self) {
        let (url, address) = (self.own_url(), self.address());
        let (process, program) = self.parts();
        eventually("a server's answer", async || {
            let log = program.log();
            assert!(!process.has_ended(), "no server:\n{}", std::fs::read_to_string(log).expect("a log"));
            TcpStream::connect(address).await.ok()?;
            try_connect(&url).await.ok()
        })
        .await;
    }

    /// What [`restart`](Self::restart) starts.
    pub(super) fn program(&mut self) -> &mut Program {
        &mut self.parts().1
    }

    fn parts(&mut self) -> &mut (Process, Program) {
        self.own.as_mut().expect("a server of the tests' own")
    }
}
