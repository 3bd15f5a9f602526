//! Chaos: several processes behind a balancer, clients that keep their own records, and faults. What counts is what the clients know:
//! nothing that was acknowledged is lost, nobody is signed out but by themselves, what ended stays ended on every node, and who steals
//! a token is caught.

mod balancer;
mod cluster;
mod faults;
mod record;
mod shopper;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use self::balancer::Balancer;
use self::cluster::Cluster;
pub use self::cluster::Databases;
use self::faults::Faults;
pub use self::record::Report;
use self::shopper::Shopper;

/// How much of it.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub databases: Databases,
    pub nodes: usize,
    pub clients: usize,
    pub time: Duration,
    /// The same seed makes the same clients and faults wish for the same things; what becomes of it, the machine decides.
    pub seed: u64,
}

/// Lets it happen, then heals everything and compares the records with what is there.
#[allow(clippy::disallowed_methods, reason = "what dies in real time is watched in real time")]
pub async fn run(plan: Plan) -> Report {
    let report = Arc::new(Report::default());
    let mut cluster = Cluster::start(plan.databases, plan.nodes).await;
    let balancer = Balancer::start(cluster.addresses()).await;
    let until = Instant::now() + plan.time;
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
