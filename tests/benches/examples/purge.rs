//! What purging costs those who sign in meanwhile: fills a database with expired rows and purges them, while others create, verify and
//! refresh. `cargo run --release -p session-benches --example purge -- --rows 10000000 --engine sqlite` (or `postgres`).
//!
//! Four in five rows have reached their absolute end, which an index finds; the fifth was idle for too long, which only a look along the
//! table finds. The database is a private one in a temporary folder (`TMPDIR`), and outlives a power cut, as in production.

#![allow(clippy::print_stdout, reason = "it is a program that prints")]
#![allow(clippy::disallowed_methods, reason = "it measures")]

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, DatabaseConnection};
use session_runtime::{Keys, NoData, NoPayload, Policy, Sessions};
use session_tests::engine::{Database, Durability, Engine, Server};
use tokio::task::JoinSet;

const DURING: usize = 1;
const AFTER: usize = 2;
const PHASES: [&str; 3] = ["before", "during", "after"];

/// How long the phases without a purge are, and how long somebody who creates or refreshes waits in between.
const PHASE: Duration = Duration::from_secs(15);
const PAUSE: Duration = Duration::from_millis(5);

/// Rows of one statement of the seeding.
const CHUNK: u64 = 500_000;

const HOUR: i64 = 60 * 60 * 1000;

#[tokio::main]
async fn main() {
    let (rows, engine) = arguments();
    let server = match engine {
        Engine::Sqlite => None,
        engine => Some(Server::start(engine, Durability::PowerCut).await),
    };
    let database = match &server {
        None => Database::fresh(engine).await,
        Some(server) => server.fresh_database().await,
    };
    let policy = Policy::for_api("http://localhost:3000").build().expect("a policy");
    let sessions = Sessions::builder(policy, Keys::managed()).connect(&database.url).await.expect("sessions");
    let connection = database.connect().await;
    hold_lease(&connection, &sessions).await;
    let began = Instant::now();
    seed(&connection, engine, &sessions, rows).await;
    println!("{rows} rows in {engine:?}, seeded in {:?}", began.elapsed());

    let measured = Arc::new(Measured::default());
    let mut others = JoinSet::new();
    for _ in 0..2 {
        others.spawn(create(sessions.clone(), Arc::clone(&measured)));
        others.spawn(refresh(sessions.clone(), Arc::clone(&measured)));
    }
    tokio::time::sleep(PHASE).await;

    measured.phase.store(DURING, Ordering::SeqCst);
    let (start, mut middle, mut most) = (resident(), 0, 0);
    let (began, mut reported) = (Instant::now(), 0);
    let holding = tokio::spawn({
        let sessions = sessions.clone();
        async move {
            loop {
                hold_lease(&connection, &sessions).await;
                tokio::time::sleep(Duration::from_secs(20)).await;
            }
        }
    });
    let deleted = sessions
        .purge_expired(|deleted| {
            most = most.max(resident());
            if deleted >= rows / 2 && middle == 0 {
                middle = resident();
            }
            if deleted / (rows / 10).max(1) > reported {
                reported = deleted / (rows / 10).max(1);
                println!("{deleted} after {:?}, {} kB", began.elapsed(), resident());
            }
        })
        .await
        .expect("a purge");
    let took = began.elapsed();
    let end = resident();
    measured.phase.store(AFTER, Ordering::SeqCst);
    tokio::time::sleep(PHASE).await;
    holding.abort();
    others.shutdown().await;

    println!("purged {deleted} in {took:?}: {:.0} rows/s", deleted as f64 / took.as_secs_f64());
    println!("resident: {start} kB at the start, {middle} kB in the middle, {end} kB at the end, {most} kB at most");
    measured.print();
    println!("{} verified meanwhile", measured.verified.load(Ordering::SeqCst));
    sessions.close().await.expect("an end");
}

fn arguments() -> (u64, Engine) {
    let mut arguments = std::env::args().skip(1);
    let (mut rows, mut engine) = (1_000_000, Engine::Sqlite);
    while let Some(name) = arguments.next() {
        let value = arguments.next().expect("a value for each argument");
        match (name.as_str(), value.as_str()) {
            ("--rows", rows_wanted) => rows = rows_wanted.parse().expect("a number of rows"),
            ("--engine", "sqlite") => engine = Engine::Sqlite,
            ("--engine", "postgres") => engine = Engine::Postgres,
            (name, value) => panic!("{name} {value} is no argument: --rows 10000000 --engine sqlite|postgres"),
        }
    }
    (rows, engine)
}

/// So that the background does not purge beside.
async fn hold_lease(connection: &DatabaseConnection, sessions: &Sessions) {
    let until = sessions.now().as_millis() + HOUR / 2;
    execute(connection, "DELETE FROM session_leases").await;
    execute(
        connection,
        &format!("INSERT INTO session_leases (name, holder, expires_at) VALUES ('purge', 'it', {until})"),
    )
    .await;
}

/// Rows like one that the library wrote, from long ago.
async fn seed(connection: &DatabaseConnection, engine: Engine, sessions: &Sessions, rows: u64) {
    sessions.create_new_session::<_, NoData>("template", NoPayload, NoData).await.map(drop).expect("a session");
    let now = sessions.now().as_millis();
    let (long_ago, past, future) = (now - 24 * 400 * HOUR, now - 24 * 3 * HOUR, now + 24 * 300 * HOUR);
    let (series, handle) = match engine {
        Engine::Sqlite => (
            "WITH RECURSIVE series (n) AS (SELECT {from} UNION ALL SELECT n + 1 FROM series WHERE n < {to})",
            "unhex(printf('%012x7000%016x', {long_ago} + n, n))",
        ),
        _ => (
            "WITH series (n) AS (SELECT generate_series({from}::bigint, {to}::bigint))",
            "(lpad(to_hex({long_ago} + n), 12, '0') || '7000' || lpad(to_hex(n), 16, '0'))::uuid",
        ),
    };
    let kept = "tenant, payload, payload_kind, payload_version, payload_revision, data, data_kind, data_version, data_revision, \
                secret_digest, generation, confirmed, rotated_at, created_at, authenticated_at, last_seen_at, remembered, anonymous, \
                device_label, user_agent, ip";
    let insert = format!(
        "INSERT INTO sessions (handle, user_id, idle_expires_at, absolute_expires_at, {kept}) {series} \
         SELECT {handle}, 'user-' || n, {{past}}, CASE WHEN n % 5 = 0 THEN {{future}} ELSE {{long_ago}} + n END, {kept} \
         FROM sessions CROSS JOIN series WHERE user_id = 'template'"
    );
    let mut from = 1;
    while from <= rows {
        let to = (from + CHUNK - 1).min(rows);
        let mut sql = insert.clone();
        for (mark, number) in [
            ("{from}", i64::try_from(from).expect("rows")),
            ("{to}", i64::try_from(to).expect("rows")),
            ("{past}", past),
            ("{future}", future),
            ("{long_ago}", long_ago),
        ] {
            sql = sql.replace(mark, &number.to_string());
        }
        execute(connection, &sql).await;
        from = to + 1;
    }
    let settle: &[&str] = match engine {
        Engine::Sqlite => &["PRAGMA wal_checkpoint(TRUNCATE)"],
        _ => &["VACUUM ANALYZE sessions", "CHECKPOINT"],
    };
    for statement in settle {
        execute(connection, statement).await;
    }
}

async fn execute(connection: &DatabaseConnection, sql: &str) {
    connection.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// Times of creations and refreshes, by phase, in microseconds.
#[derive(Default)]
struct Measured {
    phase: AtomicUsize,
    created: Mutex<[Vec<u32>; 3]>,
    refreshed: Mutex<[Vec<u32>; 3]>,
    verified: AtomicU64,
}

impl Measured {
    fn add(&self, times: &Mutex<[Vec<u32>; 3]>, phase: usize, began: Instant) {
        let micros = u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX);
        if let Some(times) = times.lock().expect("nobody panics").get_mut(phase) {
            times.push(micros);
        }
    }

    fn print(&self) {
        for (what, times) in [("create", &self.created), ("refresh", &self.refreshed)] {
            for (phase, times) in PHASES.iter().zip(times.lock().expect("nobody panics").iter_mut()) {
                times.sort_unstable();
                let at = |part: usize| {
                    let index = (times.len() * part / 1000).min(times.len().saturating_sub(1));
                    f64::from(times.get(index).copied().unwrap_or(0)) / 1000.0
                };
                let (p50, p99, p999, most) = (at(500), at(990), at(999), at(1000));
                println!(
                    "{what} {phase}: {} times, p50 {p50:.2} ms, p99 {p99:.2} ms, p99.9 {p999:.2} ms, at most {most:.2} ms",
                    times.len()
                );
            }
        }
    }
}

async fn create(sessions: Sessions, measured: Arc<Measured>) {
    for number in 0_u64.. {
        let (phase, began) = (measured.phase.load(Ordering::SeqCst), Instant::now());
        let user = format!("live-{}", number % 1000);
        let session = sessions.create_new_session::<_, NoData>(user, NoPayload, NoData).await.expect("a session");
        measured.add(&measured.created, phase, began);
        let token = session.tokens().expect("tokens").access_token();
        sessions.verify::<NoPayload, NoData>(token).map(drop).expect("a good token");
        measured.verified.fetch_add(1, Ordering::Relaxed);
        tokio::time::sleep(PAUSE).await;
    }
}

async fn refresh(sessions: Sessions, measured: Arc<Measured>) {
    let session = sessions.create_new_session::<_, NoData>("fresh", NoPayload, NoData).await.expect("a session");
    let mut token = session.tokens().and_then(|tokens| tokens.refresh_token()).expect("a token").to_owned();
    loop {
        let (phase, began) = (measured.phase.load(Ordering::SeqCst), Instant::now());
        let refreshed = sessions.refresh_session(&token).await.expect("a refresh");
        measured.add(&measured.refreshed, phase, began);
        token = refreshed.tokens().refresh_token().expect("a token").to_owned();
        tokio::time::sleep(PAUSE).await;
    }
}

/// How much memory this process has, in kB; nothing where the system does not say.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse().ok()).unwrap_or(0)
}
