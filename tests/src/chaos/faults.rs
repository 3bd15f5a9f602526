//! What goes wrong: one thing at a time, mended after a while, and then the next.

use std::time::{Duration, Instant};

use fastrand::Rng;
use tokio::time::sleep;

use super::balancer::Balancer;
use super::cluster::Cluster;
use super::record::Report;

pub(super) struct Faults<'a> {
    rng: Rng,
    report: &'a Report,
}

/// How long nothing goes wrong in between, so that what was lost can be noticed.
const QUIET: Duration = Duration::from_millis(1500);

impl<'a> Faults<'a> {
    pub(super) fn new(seed: u64, report: &'a Report) -> Self {
        Self { rng: Rng::with_seed(seed), report }
    }

    #[allow(clippy::disallowed_methods, reason = "what dies in real time is watched in real time")]
    pub(super) async fn strike(mut self, cluster: &mut Cluster, balancer: &Balancer, until: Instant) {
        let mut kind = 0;
        loop {
            sleep(QUIET).await;
            if Instant::now() >= until {
                return;
            }
            let kinds = if cluster.servers().is_empty() { 3 } else { 5 };
            match kind % kinds {
                0 => self.kill_node(cluster).await,
                1 => self.cut_node(cluster, balancer).await,
                2 => self.pause_node(cluster).await,
                3 => self.kill_server(cluster).await,
                _ => self.pause_server(cluster).await,
            }
            kind += 1;
        }
    }

    async fn kill_node(&mut self, cluster: &mut Cluster) {
        let node = self.rng.usize(..cluster.nodes.len());
        cluster.nodes[node].kill();
        self.report.count("fault: kill -9 of a process");
        sleep(self.length()).await;
        cluster.restart(node);
    }

    async fn cut_node(&mut self, cluster: &Cluster, balancer: &Balancer) {
        balancer.cut(self.rng.usize(..cluster.nodes.len()));
        self.report.count("fault: a process cut off, answers lost");
        sleep(self.length()).await;
        balancer.heal();
    }

    async fn pause_node(&mut self, cluster: &Cluster) {
        let paused = cluster.nodes[self.rng.usize(..cluster.nodes.len())].pause();
        self.report.count("fault: SIGSTOP of a process");
        sleep(self.length()).await;
        drop(paused);
    }

    async fn kill_server(&mut self, cluster: &mut Cluster) {
        let server = self.rng.usize(..cluster.servers().len());
        cluster.servers()[server].kill();
        self.report.count("fault: kill -9 of a database");
        sleep(self.length()).await;
        cluster.restart_server(server).await;
    }

    async fn pause_server(&mut self, cluster: &mut Cluster) {
        let server = self.rng.usize(..cluster.servers().len());
        let paused = cluster.servers()[server].pause();
        self.report.count("fault: SIGSTOP of a database");
        sleep(self.length()).await;
        drop(paused);
    }

    fn length(&mut self) -> Duration {
        Duration::from_millis(self.rng.u64(200..2000))
    }
}
