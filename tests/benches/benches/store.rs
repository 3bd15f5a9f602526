//! Sign-ins and refreshes beside statements written by hand over sqlx, on SQLite and on PostgreSQL: alone, eight and sixty-four at a time.
//!
//! `cargo bench -p session-benches --bench store`, or with `-- --quick`, or with a part of the rows' names: `-- Postgres`. Both write into
//! the same tables with the same indexes, over pools of the same size, and wait for the disk. By hand SQLite's log is left to SQLite, as it
//! mostly is.

#![allow(clippy::print_stdout, reason = "a table is what it is for")]
#![allow(clippy::disallowed_methods, reason = "measuring is reading the time")]

mod by_hand;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use session_benches::payload::Shopper;
use session_benches::{Series, StoreEffort, Table, is_asked_for};
use session_runtime::{Keys, NoData, Policy, Sessions};
use session_tests::engine::{Database, Durability, Engine, Server};
use tokio::task::JoinSet;

use self::by_hand::ByHand;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let effort = StoreEffort::from_args();
    let table = Table::begin();
    for engine in [Engine::Sqlite, Engine::Postgres] {
        if engine.available() {
            measure(engine, effort, &table).await;
        } else {
            println!("| {engine:?} is not installed | | | | | | |");
        }
    }
}

async fn measure(engine: Engine, effort: StoreEffort, table: &Table) {
    let server = match engine {
        Engine::Sqlite => None,
        engine => Some(Server::start(engine, Durability::PowerCut).await),
    };
    let (one, other) = (fresh(server.as_ref(), engine).await, fresh(server.as_ref(), engine).await);
    let ours = Arc::new(Contender::ours(&one).await);
    let by_hand = Arc::new(Contender::by_hand(engine, &other).await);
    for (tasks, goal) in [(1, 1.10), (8, 1.10), (64, 1.0 / 3.0)] {
        for (write, goal) in [(Write::Create, goal), (Write::Refresh, 1.10)] {
            let row = format!("{write:?}, {engine:?}, {tasks} at a time");
            if !is_asked_for(&row) {
                continue;
            }
            let mut series = Series::default();
            for round in 0..effort.rounds {
                for place in 0..2 {
                    let nanos = |contender| timed(contender, write, tasks, effort.writes(tasks));
                    match (round + place) % 2 {
                        0 => series.ours.push(nanos(&ours).await),
                        _ => series.theirs.push(nanos(&by_hand).await),
                    }
                }
            }
            table.series(&row, &series, "sqlx by hand", goal);
        }
    }
}

/// The nanoseconds of one write, so many of which go on at a time.
async fn timed(contender: &Arc<Contender>, write: Write, tasks: usize, writes: usize) -> f64 {
    let each = writes / tasks;
    let start = Instant::now();
    let mut running = JoinSet::new();
    for task in 0..tasks {
        let contender = Arc::clone(contender);
        running.spawn(async move {
            for number in task * each..(task + 1) * each {
                match write {
                    Write::Create => contender.create().await,
                    Write::Refresh => contender.refresh(number % SESSIONS).await,
                }
            }
        });
    }
    running.join_all().await;
    start.elapsed().as_nanos() as f64 / (each * tasks) as f64
}

async fn fresh(server: Option<&Server>, engine: Engine) -> Database {
    match server {
        None => Database::fresh(engine).await,
        Some(server) => server.fresh_database().await,
    }
}

async fn sessions(database: &Database) -> Sessions {
    let policy = Policy::for_api("http://localhost").build().expect("a policy");
    let keys = Keys::from_secrets([[7; 32]]).expect("a secret");
    Sessions::builder(policy, keys).connect(&database.url).await.expect("sessions")
}

#[derive(Clone, Copy, Debug)]
enum Write {
    Create,
    Refresh,
}

/// How many sessions are refreshed, in turn.
const SESSIONS: usize = 8192;

enum Contender {
    /// With the refresh tokens.
    Ours(Sessions, Vec<Mutex<String>>),
    /// With how often each was refreshed.
    ByHand(ByHand, Vec<AtomicI64>),
}

impl Contender {
    async fn ours(database: &Database) -> Self {
        let sessions = sessions(database).await;
        let mut tokens = Vec::new();
        for _ in 0..SESSIONS {
            tokens.push(Mutex::new(created(&sessions).await));
        }
        Self::Ours(sessions, tokens)
    }

    async fn by_hand(engine: Engine, database: &Database) -> Self {
        // The library makes the tables of both.
        drop(sessions(database).await);
        let by_hand = ByHand::on(engine, &database.url).await;
        for _ in 0..SESSIONS {
            by_hand.create().await;
        }
        Self::ByHand(by_hand, (0..SESSIONS).map(|_| AtomicI64::new(0)).collect())
    }

    async fn create(&self) {
        match self {
            Self::Ours(sessions, _) => drop(created(sessions).await),
            Self::ByHand(by_hand, _) => by_hand.create().await,
        }
    }

    async fn refresh(&self, number: usize) {
        match self {
            Self::Ours(sessions, tokens) => {
                let place = tokens.get(number).expect("a token");
                let token = place.lock().expect("nobody panicked").clone();
                let refreshed = sessions.refresh_session(&token).await.expect("a refresh");
                let next = refreshed.tokens().refresh_token().expect("a token");
                next.clone_into(&mut place.lock().expect("nobody panicked"));
            }
            Self::ByHand(by_hand, generations) => {
                let generation = generations.get(number).expect("a row").fetch_add(1, Ordering::Relaxed);
                by_hand.refresh(number as u64, generation).await;
            }
        }
    }
}

async fn created(sessions: &Sessions) -> String {
    let session = sessions.create_new_session::<_, NoData>("user-1e6f0c2ab7", Shopper::example(), NoData).await;
    session.expect("a session").tokens().and_then(|tokens| tokens.refresh_token()).expect("a token").to_owned()
}
