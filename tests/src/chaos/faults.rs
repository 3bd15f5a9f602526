//! What goes wrong: one thing at a time, mended after a while, and then the next.

use std::time::{Duration, Instant};

use fastrand::Rng;
use reqwest::Client;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::answer::answer_to;
use super::balancer::Balancer;
use super::cluster::Cluster;
use super::now;
use super::record::Report;

/// How long nothing goes wrong in between, so that what was lost can be noticed.
const QUIET: Duration = Duration::from_millis(1500);

/// More than a node's pool has connections.
const RUSH: usize = 15;

pub(super) struct Faults<'a> {
    rng: Rng,
    report: &'a Report,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    KillNode,
    CutNode,
    PauseNode,
    FillPools,
    KillServer,
    PauseServer,
    TakeConnections,
    FailOver,
    PartNode,
    PartServer,
    StallDisk,
}

impl<'a> Faults<'a> {
    pub(super) fn new(seed: u64, report: &'a Report) -> Self {
        Self { rng: Rng::with_seed(seed), report }
    }

    /// All that there are, in an order of chance, and all again.
    pub(super) async fn strike(mut self, cluster: &mut Cluster, balancer: &Balancer, until: Instant) {
        let mut left = Vec::new();
        loop {
            sleep(QUIET).await;
            if now() >= until {
                return;
            }
            if left.is_empty() {
                left = cluster.faults();
                self.rng.shuffle(&mut left);
            }
            match left.pop().expect("a fault") {
                Fault::KillNode => self.kill_node(cluster).await,
                Fault::CutNode => self.cut_node(cluster, balancer).await,
                Fault::PauseNode => self.pause_node(cluster).await,
                Fault::FillPools => self.fill_pools(cluster, balancer).await,
                Fault::KillServer => self.kill_server(cluster).await,
                Fault::PauseServer => self.pause_server(cluster).await,
                Fault::TakeConnections => self.take_connections(cluster).await,
                Fault::FailOver => self.fail_over(cluster).await,
                Fault::PartNode => self.part_node(cluster).await,
                Fault::PartServer => self.part_server(cluster).await,
                Fault::StallDisk => self.stall_disk(cluster).await,
            }
        }
    }

    async fn kill_node(&mut self, cluster: &mut Cluster) {
        let node = self.rng.usize(..cluster.nodes.len());
        cluster.nodes[node].kill();
        self.report.count("fault: kill -9 of a process");
        sleep(self.short()).await;
        cluster.restart(node).await;
    }

    async fn cut_node(&mut self, cluster: &Cluster, balancer: &Balancer) {
        balancer.cut(self.rng.usize(..cluster.nodes.len()));
        self.report.count("fault: a process cut off, answers lost");
        sleep(self.short()).await;
        balancer.heal();
    }

    async fn pause_node(&mut self, cluster: &Cluster) {
        let paused = cluster.nodes[self.rng.usize(..cluster.nodes.len())].pause();
        self.report.count("fault: SIGSTOP of a process");
        sleep(self.short()).await;
        drop(paused);
    }

    /// Somebody's transaction locks all sessions and sleeps, while more users come than a pool has connections.
    async fn fill_pools(&mut self, cluster: &mut Cluster, balancer: &Balancer) {
        let server = self.server(cluster);
        let lock = cluster.lock_sessions(server).await;
        self.report.count("fault: a sleeping transaction, pools full");
        let mut rush = rush(&balancer.url, RUSH * cluster.nodes.len());
        sleep(self.long()).await;
        // Galera may have ended it for another node's sake.
        let _ = lock.rollback().await;
        while let Some(outcome) = rush.join_next().await {
            self.report.count(format!("sign in during a rush: {}", outcome.expect("its end")));
        }
    }

    async fn kill_server(&mut self, cluster: &mut Cluster) {
        let server = self.server(cluster);
        cluster.servers()[server].kill();
        self.report.count("fault: kill -9 of a database");
        sleep(self.short()).await;
        cluster.restart_server(server).await;
    }

    async fn pause_server(&mut self, cluster: &mut Cluster) {
        let server = self.server(cluster);
        let paused = cluster.servers()[server].pause();
        self.report.count("fault: SIGSTOP of a database");
        sleep(self.short()).await;
        drop(paused);
    }

    async fn take_connections(&mut self, cluster: &mut Cluster) {
        let server = self.server(cluster);
        let taken = cluster.take_connections(server).await;
        self.report.count("fault: a database's connections all taken");
        sleep(self.short()).await;
        drop(taken);
    }

    async fn fail_over(&mut self, cluster: &mut Cluster) {
        let lag = self.short();
        cluster.fail_over(lag, &self.report.failovers).await;
        self.report.count("fault: kill -9 of a primary, promotion of a replica that lags");
    }

    async fn part_node(&mut self, cluster: &mut Cluster) {
        let parted = cluster.part_node(self.rng.usize(..cluster.nodes.len()));
        self.report.count("fault: a network that parts a process from its database");
        sleep(self.any()).await;
        drop(parted);
    }

    async fn part_server(&mut self, cluster: &mut Cluster) {
        let server = self.server(cluster);
        let parted = cluster.part_server(server);
        self.report.count("fault: a network that parts a database from the others");
        sleep(self.any()).await;
        drop(parted);
    }

    async fn stall_disk(&mut self, cluster: &mut Cluster) {
        let server = self.server(cluster);
        let stalled = cluster.servers()[server].stall_disk();
        self.report.count("fault: a disk that stalls");
        sleep(self.any()).await;
        drop(stalled);
    }

    fn server(&mut self, cluster: &mut Cluster) -> usize {
        self.rng.usize(..cluster.servers().len().max(1))
    }

    fn short(&mut self) -> Duration {
        Duration::from_millis(self.rng.u64(200..2000))
    }

    fn any(&mut self) -> Duration {
        if self.rng.bool() { self.short() } else { self.long() }
    }

    /// Longer than a node waits for its database.
    fn long(&mut self) -> Duration {
        Duration::from_millis(self.rng.u64(5500..7000))
    }
}

/// So many users at once, who come and go.
fn rush(url: &str, users: usize) -> JoinSet<String> {
    let http = Client::builder().pool_max_idle_per_host(0).build().expect("a client");
    (0..users)
        .map(|number| {
            let request = http.post(format!("{url}/login")).json(&json!({ "userId": format!("passer-by-{number}") }));
            async move { answer_to(request).await.outcome() }
        })
        .collect()
}
