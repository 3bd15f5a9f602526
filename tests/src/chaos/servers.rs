//! What keeps the sessions.

use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::time::sleep;

use super::failovers::Failovers;
use super::faults::Fault;
use crate::engine::{Database, Durability, Engine, Galera, Replicated, Server};
use crate::machine::{Place, VIRTUAL};
use crate::tunnel::Tunnel;

/// What keeps the sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Databases {
    Sqlite,
    Postgres,
    /// PostgreSQL with a replica that follows as it can, and takes the primary's place when this dies.
    Replicated,
    MariaDb,
    /// Three nodes; each process has one of them.
    Galera,
}

pub(super) enum Servers {
    None,
    One(Server),
    /// And how the primary is reached, whichever it is.
    Two(Box<Replicated>, Way),
    Three(Box<Galera>),
}

/// How nodes reach a primary that moves.
pub(super) enum Way {
    Tunnel(Tunnel),
    /// The address moves with it.
    VirtualAddress,
}

impl Servers {
    /// With an empty database, and its URL for each of the nodes.
    pub(super) async fn start(
        databases: Databases,
        places: &[Place; 3],
        nodes: usize,
    ) -> (Self, Database, Vec<String>) {
        match databases {
            Databases::Sqlite => {
                let database = Database::fresh(Engine::Sqlite).await;
                let urls = vec![database.url.clone(); nodes];
                (Self::None, database, urls)
            }
            Databases::Postgres | Databases::MariaDb => {
                let engine = if databases == Databases::Postgres { Engine::Postgres } else { Engine::MariaDb };
                let server = Server::start_at(&places[0], engine, Durability::Kill).await;
                let database = server.fresh_database().await;
                let urls = vec![database.url.clone(); nodes];
                (Self::One(server), database, urls)
            }
            Databases::Replicated => {
                let servers = Replicated::start_at([&places[0], &places[1]]).await;
                let database = servers.primary.fresh_database().await;
                let way = Way::to(&servers.primary).await;
                let urls = vec![way.url(&database, &servers.primary); nodes];
                (Self::Two(Box::new(servers), way), database, urls)
            }
            Databases::Galera => {
                let galera = Galera::start_at(places).await;
                let database = galera.nodes[0].fresh_database().await;
                galera.caught_up(1, 0).await;
                galera.caught_up(2, 0).await;
                let urls = (0..nodes).map(|node| database.url_on(&galera.nodes[node % 3])).collect();
                (Self::Three(Box::new(galera)), database, urls)
            }
        }
    }

    /// What can go wrong with them.
    pub(super) fn faults(&self) -> &'static [Fault] {
        match self {
            Self::None => &[],
            Self::One(_) | Self::Three(_) => &[Fault::KillServer, Fault::PauseServer, Fault::TakeConnections],
            Self::Two(..) => {
                &[Fault::KillServer, Fault::PauseServer, Fault::TakeConnections, Fault::FailOver, Fault::FailOver]
            }
        }
    }

    /// And where each of them is on a machine of its own.
    pub(super) fn faults_of_machines(&self) -> &'static [Fault] {
        match self {
            Self::None => &[],
            Self::One(_) | Self::Two(..) => &[Fault::PartNode, Fault::StallDisk],
            Self::Three(_) => &[Fault::PartNode, Fault::PartServer, Fault::StallDisk],
        }
    }

    /// Those that nodes ask.
    pub(super) fn each(&mut self) -> Vec<&mut Server> {
        match self {
            Self::None => vec![],
            Self::One(server) => vec![server],
            Self::Two(servers, _) => vec![&mut servers.primary],
            Self::Three(galera) => galera.nodes.iter_mut().collect(),
        }
    }

    /// Where a node reaches its database.
    pub(super) fn addresses_for(&mut self, node: usize) -> Vec<Ipv4Addr> {
        let is_virtual = matches!(self, Self::Two(_, Way::VirtualAddress));
        let servers = self.each();
        let own = servers[node % servers.len()].place().address();
        if is_virtual { vec![own, VIRTUAL] } else { vec![own] }
    }

    /// Starts one again that was killed, and waits until it has what it missed.
    pub(super) async fn restart(&mut self, server: usize) {
        match self {
            Self::None => {}
            Self::One(server) => server.restart().await,
            Self::Two(servers, _) => servers.primary.restart().await,
            Self::Three(galera) => galera.restart(server).await,
        }
    }

    /// The primary dies, and its place is taken by the replica, which has not heard of anything for `lag`.
    pub(super) async fn fail_over(&mut self, lag: Duration, failovers: &Failovers) {
        let Self::Two(servers, way) = self else { return };
        failovers.lag_begins();
        servers.caught_up().await;
        servers.cut_off().await;
        sleep(lag).await;
        servers.primary.kill();
        servers.promote();
        failovers.lag_ends();
        way.lead_to(&servers.replica);
        servers.begin_anew().await;
    }

    /// Waits until all of them have everything.
    pub(super) async fn settle(&self) {
        if let Self::Three(galera) = self {
            for (node, with) in [(1, 0), (2, 0), (0, 1)] {
                galera.caught_up(node, with).await;
            }
        }
    }
}

impl Way {
    async fn to(server: &Server) -> Self {
        match server.place() {
            Place::Here => Self::Tunnel(Tunnel::to(server).await),
            Place::On(machine) => {
                machine.take_virtual_address();
                Self::VirtualAddress
            }
        }
    }

    fn url(&self, database: &Database, server: &Server) -> String {
        match self {
            Self::Tunnel(tunnel) => tunnel.url(database, server),
            Self::VirtualAddress => {
                database.url_on(server).replace(&server.place().address().to_string(), &VIRTUAL.to_string())
            }
        }
    }

    fn lead_to(&self, server: &Server) {
        match (self, server.place()) {
            (Self::Tunnel(tunnel), _) => tunnel.lead_to(server),
            (Self::VirtualAddress, Place::On(machine)) => machine.take_virtual_address(),
            (Self::VirtualAddress, Place::Here) => {}
        }
    }
}
