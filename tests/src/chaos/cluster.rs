//! The processes and the databases behind them.

use std::net::SocketAddr;
use std::time::Duration;

use tempfile::TempDir;

use crate::engine::{Database, Durability, Engine, Galera, Server};
use crate::process::Quickstart;

const SECRET: &str = "one secret for all of the processes";

/// What keeps the sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Databases {
    Sqlite,
    Postgres,
    MariaDb,
    /// Three nodes; each process has one of them.
    Galera,
}

enum Servers {
    None,
    One(Server),
    Three(Box<Galera>),
}

pub(super) struct Cluster {
    pub(super) nodes: Vec<Quickstart>,
    settings: Vec<String>,
    servers: Servers,
    folder: TempDir,
    // Dropped last: a file that the nodes write into.
    _database: Database,
}

impl Cluster {
    pub(super) async fn start(databases: Databases, nodes: usize) -> Self {
        let (servers, database, settings) = match databases {
            Databases::Sqlite => {
                let database = Database::fresh(Engine::Sqlite).await;
                let urls = vec![database.url.clone(); nodes];
                (Servers::None, database, urls)
            }
            Databases::Postgres | Databases::MariaDb => {
                let engine = if databases == Databases::Postgres { Engine::Postgres } else { Engine::MariaDb };
                let server = Server::start(engine, Durability::Kill).await;
                let database = server.fresh_database().await;
                let urls = vec![database.url.clone(); nodes];
                (Servers::One(server), database, urls)
            }
            Databases::Galera => {
                let galera = Galera::start().await;
                let database = galera.nodes[0].fresh_database().await;
                galera.caught_up(1, 0).await;
                galera.caught_up(2, 0).await;
                let urls = (0..nodes).map(|node| database.url_on(&galera.nodes[node % 3])).collect();
                (Servers::Three(Box::new(galera)), database, urls)
            }
        };
        let folder = tempfile::tempdir().expect("a folder");
        let start = |url: &String| start(&folder, url, "127.0.0.1:0");
        let nodes = settings.iter().map(start).collect();
        Self { nodes, settings, servers, folder, _database: database }
    }

    pub(super) fn urls(&self) -> Vec<String> {
        self.nodes.iter().map(|node| node.url.clone()).collect()
    }

    pub(super) fn addresses(&self) -> Vec<SocketAddr> {
        let address = |url: String| url.trim_start_matches("http://").parse().expect("an address");
        self.urls().into_iter().map(address).collect()
    }

    /// How many database servers can be struck.
    pub(super) fn servers(&mut self) -> Vec<&mut Server> {
        match &mut self.servers {
            Servers::None => vec![],
            Servers::One(server) => vec![server],
            Servers::Three(galera) => galera.nodes.iter_mut().collect(),
        }
    }

    /// Starts a process again that was killed, where it was.
    pub(super) fn restart(&mut self, node: usize) {
        let bind = self.nodes[node].url.trim_start_matches("http://").to_owned();
        self.nodes[node] = start(&self.folder, &self.settings[node], &bind);
    }

    /// Starts a database server again that was killed, and waits until it has what it missed.
    pub(super) async fn restart_server(&mut self, server: usize) {
        match &mut self.servers {
            Servers::None => {}
            Servers::One(server) => server.restart().await,
            Servers::Three(galera) => galera.restart(server).await,
        }
    }

    /// Starts whatever is down.
    pub(super) async fn heal(&mut self) {
        for node in 0..self.nodes.len() {
            if self.nodes[node].has_ended() {
                self.restart(node);
            }
        }
    }

    /// Waits until all databases have everything, and every node has looked at the feed: one that waits for a connection does so for five
    /// seconds, and looks again a second later.
    #[allow(clippy::disallowed_methods, reason = "processes have their own clocks")]
    pub(super) async fn settle(&self) {
        if let Servers::Three(galera) = &self.servers {
            for (node, with) in [(1, 0), (2, 0), (0, 1)] {
                galera.caught_up(node, with).await;
            }
        }
        tokio::time::sleep(Duration::from_secs(8)).await;
    }
}

fn start(folder: &TempDir, url: &str, bind: &str) -> Quickstart {
    let settings = [("DATABASE_URL", url), ("SESSION_SECRET", SECRET), ("BIND", bind), ("RUST_LOG", "warn")];
    Quickstart::start(folder.path(), &settings)
}
