//! How long SQLite's write-ahead log becomes under load: `cargo run --release -p session-benches --example log -- 3600` has sixty-four
//! clients sign in, refresh, and list for an hour, as fast as they can, and says every ten seconds what the log takes.

#![allow(clippy::print_stdout, reason = "it is a program that prints")]
#![allow(clippy::disallowed_methods, reason = "it measures")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use session_benches::payload::Shopper;
use session_runtime::{Keys, NoData, Policy, Sessions};
use session_tests::engine::{Database, Engine};
use tokio::task::JoinSet;

const CLIENTS: usize = 64;
const STEP: Duration = Duration::from_secs(10);

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let seconds = std::env::args().nth(1).and_then(|seconds| seconds.parse().ok()).expect("for how many seconds");
    let database = Database::fresh(Engine::Sqlite).await;
    let policy = Policy::for_api("http://localhost").build().expect("a policy");
    let keys = Keys::from_secrets([[7; 32]]).expect("a secret");
    let sessions = Sessions::builder(policy, keys).connect(&database.url).await.expect("sessions");
    let file = database.url.trim_start_matches("sqlite://").to_owned();
    let done = Arc::new(AtomicU64::new(0));
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        clients.spawn(live(sessions.clone(), format!("user-{number}"), Arc::clone(&done), until));
    }
    let (mut most, mut before) = (0, 0);
    while Instant::now() < until {
        let mut longest = 0;
        for _ in 0..100 {
            tokio::time::sleep(STEP / 100).await;
            longest = longest.max(megabytes(format!("{file}-wal")));
        }
        let now = done.load(Ordering::Relaxed);
        println!("{} writes/s, log {longest} MB, file {} MB", (now - before) / STEP.as_secs(), megabytes(&file));
        (most, before) = (most.max(longest), now);
    }
    clients.join_all().await;
    println!("{before} writes; the log took {most} MB at most");
}

/// Signs in, refreshes five times, lists, ends all of the user's sessions when they are more than twenty, and begins anew.
async fn live(sessions: Sessions, user: String, done: Arc<AtomicU64>, until: Instant) {
    while Instant::now() < until {
        let session = sessions.create_new_session::<_, NoData>(user.as_str(), Shopper::example(), NoData).await;
        let session = session.expect("a session");
        let mut token = session.tokens().and_then(|tokens| tokens.refresh_token()).expect("a token").to_owned();
        for _ in 0..5 {
            let refreshed = sessions.refresh_session(&token).await.expect("a refresh");
            refreshed.tokens().refresh_token().expect("a token").clone_into(&mut token);
        }
        // A reader holds the log's end for a moment.
        let listed = sessions.list_sessions(user.as_str()).await.expect("a list");
        assert!(!listed.is_empty());
        if listed.len() > 20 {
            sessions.revoke_all_sessions_for_user(user.as_str()).await.expect("an end");
        }
        done.fetch_add(6, Ordering::Relaxed);
    }
}

fn megabytes(file: impl AsRef<Path>) -> u64 {
    std::fs::metadata(file).map_or(0, |data| data.len() / 1_000_000)
}
