//! The processes and the databases behind them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::{DatabaseConnection, DatabaseTransaction};
use tempfile::TempDir;
use tokio::time::sleep;

use super::failovers::Failovers;
use super::faults::Fault;
use super::servers::Servers;
use super::{Machines, Plan};
use crate::engine::{Database, Server, eventually, lock, take_all_connections};
use crate::machine::{Machine, Parted, Place, become_router};
use crate::process::Quickstart;

const SECRET: &str = "one secret for all of the processes";

pub(super) struct Cluster {
    pub(super) nodes: Vec<Quickstart>,
    places: Vec<Place>,
    urls: Vec<String>,
    servers: Servers,
    folder: TempDir,
    // Dropped last: a file that the nodes write into.
    database: Database,
}

impl Cluster {
    pub(super) async fn start(plan: &Plan) -> Self {
        let (of_servers, places) = places(plan);
        let (servers, database, urls) = Servers::start(plan.databases, &of_servers, plan.nodes).await;
        let folder = tempfile::tempdir().expect("a folder");
        let start = |(place, url): (&Place, &String)| {
            let started = start(place, &folder, url, &format!("{}:0", place.address()));
            started.unwrap_or_else(|log| panic!("a node did not start: {log}"))
        };
        let nodes = places.iter().zip(&urls).map(start).collect();
        Self { nodes, places, urls, servers, folder, database }
    }

    pub(super) fn urls(&self) -> Vec<String> {
        self.nodes.iter().map(|node| node.url.clone()).collect()
    }

    pub(super) fn addresses(&self) -> Vec<SocketAddr> {
        let address = |url: String| url.trim_start_matches("http://").parse().expect("an address");
        self.urls().into_iter().map(address).collect()
    }

    /// What can go wrong here.
    pub(super) fn faults(&self) -> Vec<Fault> {
        let of_nodes = [Fault::KillNode, Fault::CutNode, Fault::PauseNode, Fault::FillPools];
        let is_apart = self.places.iter().all(|place| matches!(place, Place::On(_)));
        let of_machines = if is_apart { self.servers.faults_of_machines() } else { &[] };
        [&of_nodes[..], self.servers.faults(), of_machines].concat()
    }

    /// The database servers that can be struck.
    pub(super) fn servers(&mut self) -> Vec<&mut Server> {
        self.servers.each()
    }

    /// Starts a process again that was killed, where it was, again and again while its database is down, as a supervisor does.
    pub(super) async fn restart(&mut self, node: usize) {
        let bind = self.nodes[node].url.trim_start_matches("http://").to_owned();
        let (place, folder, url) = (&self.places[node], &self.folder, &self.urls[node]);
        let started = eventually("a node that starts", async || start(place, folder, url, &bind).ok()).await;
        self.nodes[node] = started;
    }

    /// Starts a database server again that was killed, and waits until it has what it missed.
    pub(super) async fn restart_server(&mut self, server: usize) {
        self.servers.restart(server).await;
    }

    /// A transaction that lets nobody write to sessions.
    pub(super) async fn lock_sessions(&mut self, server: usize) -> DatabaseTransaction {
        lock(self.database.engine, &self.url_on(server), "sessions").await
    }

    /// Leaves a database server no connection for the nodes.
    pub(super) async fn take_connections(&mut self, server: usize) -> Vec<DatabaseConnection> {
        take_all_connections(self.database.engine, &self.url_on(server)).await
    }

    pub(super) async fn fail_over(&mut self, lag: Duration, failovers: &Failovers) {
        self.servers.fail_over(lag, failovers).await;
    }

    /// Loses what a node and its database send each other.
    pub(super) fn part_node(&mut self, node: usize) -> Parted {
        Parted::from_each_other(self.places[node].address(), &self.servers.addresses_for(node))
    }

    /// Loses what a database server and the others send each other; nodes reach it.
    pub(super) fn part_server(&mut self, server: usize) -> Parted {
        let mut addresses: Vec<_> = self.servers().iter().map(|server| server.place().address()).collect();
        let one = addresses.remove(server);
        Parted::from_each_other(one, &addresses)
    }

    /// The database where one of the servers has it.
    fn url_on(&mut self, server: usize) -> String {
        let database = &self.database;
        let server = self.servers.each().into_iter().nth(server);
        server.map_or_else(|| database.url.clone(), |server| database.url_on(server))
    }

    /// Starts whatever is down.
    pub(super) async fn heal(&mut self) {
        for node in 0..self.nodes.len() {
            if self.nodes[node].has_ended() {
                self.restart(node).await;
            }
        }
    }

    /// Waits until all databases have everything, and every node has looked at the feed: one that waits for a connection does so for five
    /// seconds, and looks again a second later.
    pub(super) async fn settle(&self) {
        self.servers.settle().await;
        sleep(Duration::from_secs(8)).await;
    }
}

/// Where the servers are, and where the nodes.
fn places(plan: &Plan) -> ([Place; 3], Vec<Place>) {
    let place = |number: usize| match plan.machines {
        Machines::This => Place::Here,
        Machines::Own => Place::On(Arc::new(Machine::start(u8::try_from(number + 1).expect("few machines")))),
    };
    if plan.machines == Machines::Own {
        become_router();
    }
    (std::array::from_fn(place), (0..plan.nodes).map(|node| place(node + 3)).collect())
}

/// What it wrote to its log where it ends instead.
fn start(place: &Place, folder: &TempDir, url: &str, bind: &str) -> Result<Quickstart, String> {
    let settings = [("DATABASE_URL", url), ("SESSION_SECRET", SECRET), ("BIND", bind), ("RUST_LOG", "warn")];
    Quickstart::try_start_at(place, folder.path(), &settings)
}
