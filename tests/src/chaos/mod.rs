//! Chaos: several processes behind a balancer, clients that keep their own records, and faults. What counts is what the clients know:
//! nothing that was acknowledged is lost, nobody is signed out but by themselves, what ended stays ended on every node, and who steals
//! a token is caught. What an asynchronous failover loses is counted apart, and is all that may be missing.

mod answer;
mod audit;
mod balancer;
mod cluster;
mod failovers;
mod faults;
mod record;
mod servers;
mod shopper;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use self::balancer::Balancer;
use self::cluster::Cluster;
use self::faults::Faults;
pub use self::record::Report;
pub use self::servers::Databases;
use self::shopper::Shopper;

/// How much of it.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub databases: Databases,
    pub machines: Machines,
    pub nodes: usize,
    pub clients: usize,
    pub time: Duration,
    /// The same seed makes the same clients and faults wish for the same things; what becomes of it, the machine decides.
    pub seed: u64,
}

/// Where processes and servers run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Machines {
    /// All here, on the loopback interface.
    This,
    /// Each on a machine of its own, and databases on disks of their own: networks can be parted and disks stall.
    Own,
}

/// Lets it happen, then heals everything and compares the records with what is there.
pub async fn run(plan: Plan) -> Report {
    let report = Arc::new(Report::default());
    let mut cluster = Cluster::start(&plan).await;
    let balancer = Balancer::start(cluster.addresses()).await;
    let until = now() + plan.time;
    let mut shoppers = JoinSet::new();
    for number in 0..plan.clients {
        let shopper = Shopper::new(number, &balancer.url, plan.seed, Arc::clone(&report));
        shoppers.spawn(shopper.live(until));
    }
    Faults::new(plan.seed, &report).strike(&mut cluster, &balancer, until).await;
    cluster.heal().await;
    balancer.heal();
    let shoppers = shoppers.join_all().await;
    cluster.settle().await;
    let urls = cluster.urls();
    let mut audits = JoinSet::new();
    for shopper in shoppers {
        audits.spawn(shopper.audit(urls.clone()));
    }
    audits.join_all().await;
    drop(cluster);
    Arc::into_inner(report).expect("nobody else writes into it")
}

#[allow(clippy::disallowed_methods, reason = "what dies in real time is watched in real time")]
fn now() -> Instant {
    Instant::now()
}
