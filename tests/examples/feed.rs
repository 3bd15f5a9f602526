//! How long a revocation takes until every node refuses the session: four nodes on one PostgreSQL, each verifying as fast as it can beside.
//! `cargo run --release -p session-tests --example feed`
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "it measures, and says what")]
#![allow(clippy::indexing_slicing, reason = "a measurement that indexes wrongly fails, as it should")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use session_runtime::{FeedDelivery, Keys, NoData, NoPayload, Sessions};
use session_tests::app::{SECRETS, policy};
use session_tests::engine::{Database, Durability, Engine, Server};

const NODES: usize = 4;
const ROUNDS: usize = 100;

#[tokio::main]
async fn main() {
    let server = Server::start(Engine::Postgres, Durability::PowerCut).await;
    for (name, delivery, interval, pause) in [
        ("notified", FeedDelivery::Notified, 1_000, 0),
        // The rounds fall anywhere in the interval.
        ("polled every 1 s", FeedDelivery::Polled, 1_000, 137),
        ("polled every 100 ms", FeedDelivery::Polled, 100, 37),
    ] {
        let database = server.fresh_database().await;
        measure(name, &database, delivery, Duration::from_millis(interval), Duration::from_millis(pause)).await;
    }
}

async fn measure(name: &str, database: &Database, delivery: FeedDelivery, interval: Duration, pause: Duration) {
    let mut nodes = Vec::new();
    for _ in 0..NODES {
        let policy = policy().feed_interval(interval).feed_delivery(delivery).build().expect("a policy");
        let builder = Sessions::builder(policy, Keys::from_secrets(SECRETS).expect("secrets"));
        nodes.push(builder.with_connection(database.connect().await).await.expect("sessions"));
    }
    if delivery == FeedDelivery::Notified {
        while !nodes.iter().all(|node| node.feed_status().is_notified()) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    let load = Load::start(&nodes).await;
    let mut took = Vec::new();
    for round in 0..ROUNDS {
        took.push(revoke(&nodes, round % NODES).await);
        tokio::time::sleep(pause).await;
    }
    took.sort_unstable();
    let (verified, seconds) = load.stop().await;
    let (median, p99) = (took[ROUNDS / 2], took[ROUNDS * 99 / 100]);
    println!("{name}: median {median:.1?}, p99 {p99:.1?}; {:.0} verifications/s beside", verified as f64 / seconds);
}

/// From the answer of a revocation on one node to the refusal on the last.
async fn revoke(nodes: &[Sessions], by: usize) -> Duration {
    let session = nodes[by].create_new_session::<NoPayload, NoData>("ada", NoPayload, NoData).await.expect("a session");
    let token = session.tokens().expect("tokens").access_token().to_owned();
    nodes[by].revoke_session(session.handle()).await.expect("a revocation");
    let start = Instant::now();
    for node in nodes {
        while node.verify::<NoPayload, NoData>(&token).is_ok() {
            tokio::time::sleep(Duration::from_micros(500)).await;
        }
    }
    start.elapsed()
}

/// Every node verifies one session, again and again.
struct Load {
    stop: Arc<AtomicBool>,
    verified: Arc<AtomicUsize>,
    tasks: tokio::task::JoinSet<()>,
    start: Instant,
}

impl Load {
    async fn start(nodes: &[Sessions]) -> Self {
        let (stop, verified) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let mut tasks = tokio::task::JoinSet::new();
        for node in nodes {
            let session = node.create_new_session::<NoPayload, NoData>("bob", NoPayload, NoData).await.expect("one");
            let token = session.tokens().expect("tokens").access_token().to_owned();
            let (node, stop, verified) = (node.clone(), stop.clone(), verified.clone());
            tasks.spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    for _ in 0..20 {
                        assert!(node.verify::<NoPayload, NoData>(&token).is_ok());
                    }
                    verified.fetch_add(20, Ordering::Relaxed);
                    tokio::task::yield_now().await;
                }
            });
        }
        Self { stop, verified, tasks, start: Instant::now() }
    }

    async fn stop(self) -> (usize, f64) {
        self.stop.store(true, Ordering::Relaxed);
        self.tasks.join_all().await;
        (self.verified.load(Ordering::Relaxed), self.start.elapsed().as_secs_f64())
    }
}
