//! Whether it matters how many sessions there are. Fills databases, then compares two of them: creations, refreshes, lists of a user,
//! revocations of all of a user and pages of a purge take turns, one in the small database and one in the large.
//!
//! ```text
//! cargo run --release -p session-benches --example scale -- seed postgres postgres://localhost/small 10000
//! cargo run --release -p session-benches --example scale -- seed postgres postgres://localhost/large 10000000
//! cargo run --release -p session-benches --example scale -- measure postgres postgres://localhost/small postgres://localhost/large
//! ```
//!
//! The same with `sqlite` and `sqlite://large.db`. Every user has ten sessions, far from each other in the table. `docs/scale.md` says what
//! came out.

#![allow(clippy::print_stdout, reason = "it is a program that prints")]
#![allow(clippy::disallowed_methods, reason = "it measures")]
#![allow(clippy::indexing_slicing, reason = "a measurement that indexes wrongly fails, as it should")]

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, Statement};
use session_benches::payload::Shopper;
use session_runtime::testing::ManualClock;
use session_runtime::{Keys, NoData, Policy, Sessions};
use session_tests::engine::Engine;
use session_tests::plans::{self, Recorded};
use session_tests::rows::{Rows, settle};
use tokio::sync::Notify;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const MILLIS_OF_DAY: i64 = 24 * 60 * 60 * 1000;

/// The sessions were made in the last so many days, and end so many after their beginning.
const AGE: i64 = 300;
const LIFETIME: i64 = 400;

const SESSIONS_OF_A_USER: u64 = 10;

/// Sessions of which the program has tokens, somewhere among the others, so that it can refresh them.
const SAMPLES: usize = 2_000;

const ROUNDS: usize = 100;
/// How often in a round each is done in each database.
const TIMES: usize = 20;
const REVOCATIONS: usize = 3;
/// Pages of a purge in a round: a look at 500 rows that have ended and one at 500 that were idle, all of which go.
const PAGES: usize = 2;

const OPERATIONS: [&str; 5] = ["create", "refresh", "list of a user", "revoke all of a user", "a page of a purge"];

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["seed", name, url, rows] => seed(engine(name), url, rows.parse().expect("a number of rows")).await,
        ["measure", name, small, large] => measure(engine(name), small, large).await,
        _ => panic!("seed ENGINE URL ROWS, or measure ENGINE URL URL"),
    }
}

fn engine(name: &str) -> Engine {
    match name {
        "sqlite" => Engine::Sqlite,
        "postgres" => Engine::Postgres,
        "mariadb" => Engine::MariaDb,
        other => panic!("{other} is no engine: sqlite, postgres or mariadb"),
    }
}

async fn connect(url: &str, connections: u32) -> DatabaseConnection {
    let url = if url.starts_with("sqlite:") { format!("{url}?mode=rwc") } else { url.to_owned() };
    let mut options = ConnectOptions::new(url);
    options.max_connections(connections).test_before_acquire(false).sqlx_logging(false);
    sea_orm::Database::connect(options).await.expect("a database")
}

async fn sessions(connection: DatabaseConnection, clock: Option<ManualClock>) -> Sessions {
    let policy = Policy::for_api("http://localhost:3000")
        .idle_timeout(DAY * 390)
        .absolute_timeout(DAY * 400)
        .feed_interval(Duration::from_secs(60))
        .build()
        .expect("a policy");
    let keys = Keys::from_secrets(["a secret of these measurements, 32 bytes or more"]).expect("a secret");
    let builder = Sessions::builder(policy, keys);
    let builder = match clock {
        Some(clock) => builder.clock(clock),
        None => builder,
    };
    builder.with_connection(connection).await.expect("sessions")
}

async fn execute(connection: &DatabaseConnection, sql: &str) {
    connection.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

async fn create(sessions: &Sessions, user: &str) -> String {
    let created = sessions.create_new_session::<_, NoData>(user, Shopper::example(), NoData).await.expect("a session");
    created.tokens().and_then(|tokens| tokens.refresh_token()).expect("a token").to_owned()
}

async fn seed(engine: Engine, url: &str, count: u64) {
    let connection = connect(url, 1).await;
    let tuning: &[&str] = match engine {
        Engine::Sqlite => &["PRAGMA journal_mode = WAL", "PRAGMA synchronous = OFF", "PRAGMA cache_size = -3000000"],
        Engine::Postgres => &["SET synchronous_commit = off"],
        Engine::MariaDb => &[],
    };
    for statement in tuning {
        execute(&connection, statement).await;
    }
    let sessions = sessions(connection.clone(), None).await;
    create(&sessions, "template").await;
    let (began, now) = (Instant::now(), sessions.now().as_millis());
    let rows = Rows {
        count,
        users: count / SESSIONS_OF_A_USER,
        named: "user-",
        first: now - AGE * MILLIS_OF_DAY,
        step: (AGE - 1) * MILLIS_OF_DAY / i64::try_from(count).expect("so many rows"),
        lifetime: LIFETIME * MILLIS_OF_DAY,
    };
    rows.copy(&connection, engine, "template").await;
    println!("{count} sessions of {} users in {engine:?}, in {:?}", rows.users, began.elapsed());
    settle(&connection, engine, &["sessions"]).await;
    execute(&connection, if engine == Engine::Sqlite { "PRAGMA wal_checkpoint(TRUNCATE)" } else { "CHECKPOINT" }).await;
    print_sizes(&connection, engine, count).await;
    sessions.close().await.expect("an end");
}

/// Bytes per session on disk, by table and index.
async fn print_sizes(connection: &DatabaseConnection, engine: Engine, count: u64) {
    let sql = match engine {
        Engine::Sqlite => "SELECT name, SUM(pgsize) AS size FROM dbstat WHERE name LIKE '%sessions%' GROUP BY name",
        Engine::Postgres => {
            "SELECT relname::text AS name, pg_table_size(oid) AS size FROM pg_class \
             WHERE relname LIKE 'sessions%' AND relkind IN ('r', 'i')"
        }
        Engine::MariaDb => {
            "SELECT CONCAT(table_name, ' (data)') AS name, CAST(data_length AS SIGNED) AS size FROM information_schema.tables \
             WHERE table_schema = DATABASE() AND table_name = 'sessions' UNION ALL \
             SELECT CONCAT(table_name, ' (indexes)'), CAST(index_length AS SIGNED) FROM information_schema.tables \
             WHERE table_schema = DATABASE() AND table_name = 'sessions'"
        }
    };
    let rows = connection.query_all_raw(Statement::from_string(connection.get_database_backend(), sql)).await;
    let mut all = 0.0;
    for row in rows.expect(sql) {
        let (name, size): (String, i64) =
            (row.try_get("", "name").expect("a name"), row.try_get("", "size").expect("a size"));
        let each = size as f64 / count as f64;
        all += each;
        println!("{name}: {each:.0} bytes per session");
    }
    println!("together: {all:.0} bytes per session");
}

/// One of the two databases.
struct Place {
    engine: Engine,
    connection: DatabaseConnection,
    sessions: Sessions,
    users: u64,
    /// Refresh tokens; each is replaced by its successor.
    samples: Vec<String>,
    recorded: Recorded,
    /// What statements about `sessions` took in the page of a purge that is under way.
    page: Arc<Mutex<Duration>>,
    /// In microseconds, by operation.
    times: [Vec<f64>; 5],
}

impl Place {
    async fn open(engine: Engine, url: &str) -> Self {
        let recorded = Recorded::default();
        let connection = connect(url, 1).await;
        warm(&connection, engine).await;
        let users =
            count(&connection, "SELECT COUNT(*) FROM sessions WHERE user_id LIKE 'user-%'").await / SESSIONS_OF_A_USER;
        let samples = samples(&connection).await;
        let (mut metered, page) = (connection.clone(), Arc::<Mutex<Duration>>::default());
        let (noted, recording) = (Arc::clone(&page), recorded.clone());
        metered.set_metric_callback(move |info| {
            recording.note(info.statement);
            if info.statement.sql.contains("FROM sessions") {
                *noted.lock().unwrap_or_else(PoisonError::into_inner) += info.elapsed;
            }
        });
        let sessions = sessions(metered, None).await;
        Self { engine, connection, sessions, users, samples, recorded, page, times: Default::default() }
    }

    async fn run(&mut self, operation: usize, turn: usize) {
        match operation {
            0 => {
                let (user, began) = (format!("new-{turn}"), Instant::now());
                create(&self.sessions, &user).await;
                self.add(0, began.elapsed());
            }
            1 => self.refresh(turn).await,
            2 => {
                let (user, began) = (self.user(turn), Instant::now());
                let found = self.sessions.list_sessions(user.as_str()).await.expect("a list");
                self.add(2, began.elapsed());
                assert_eq!(found.len() as u64, SESSIONS_OF_A_USER, "{user}");
            }
            3 => {
                // From the other end, so that those who are listed are there.
                let user = format!("user-{}", self.users - 1 - turn as u64);
                let began = Instant::now();
                let ended = self.sessions.revoke_all_sessions_for_user(user.as_str()).await.expect("a revocation");
                self.add(3, began.elapsed());
                assert_eq!(ended.len() as u64, SESSIONS_OF_A_USER, "{user}");
            }
            _ => self.purge().await,
        }
    }

    /// One of the first half of the users.
    fn user(&self, turn: usize) -> String {
        format!("user-{}", turn as u64 * 7919 % (self.users / 2))
    }

    async fn refresh(&mut self, turn: usize) {
        let at = turn * 7919 % self.samples.len();
        let began = Instant::now();
        let refreshed = self.sessions.refresh_session(&self.samples[at]).await.expect("a refresh");
        self.add(1, began.elapsed());
        self.samples[at] = refreshed.tokens().refresh_token().expect("a token").to_owned();
    }

    /// Some pages, whose rows are made before, and what their statements took.
    async fn purge(&mut self) {
        let first = self.sessions.now().as_millis() - (LIFETIME + 30) * MILLIS_OF_DAY;
        let count = 1_000 * PAGES as u64;
        let rows = Rows { count, users: 100, named: "gone-", first, step: 1000, lifetime: LIFETIME * MILLIS_OF_DAY };
        rows.copy(&self.connection, self.engine, "template").await;
        let (enough, page) = (Notify::new(), Arc::clone(&self.page));
        let take = || std::mem::take(&mut *page.lock().unwrap_or_else(PoisonError::into_inner));
        take();
        let mut pages = Vec::new();
        let purging = self.sessions.purge_expired(|_| {
            pages.push(take());
            if pages.len() == PAGES {
                enough.notify_one();
            }
        });
        tokio::select! {
            biased;
            () = enough.notified() => {}
            purged = purging => drop(purged.expect("a purge")),
        }
        pages.truncate(PAGES);
        pages.into_iter().for_each(|page| self.add(4, page));
    }

    fn add(&mut self, operation: usize, took: Duration) {
        self.times[operation].push(took.as_secs_f64() * 1e6);
    }

    /// The time that so many thousandths of them took at most.
    fn at(&mut self, operation: usize, part: usize) -> f64 {
        let times = &mut self.times[operation];
        times.sort_unstable_by(f64::total_cmp);
        times[(times.len() * part / 1000).min(times.len() - 1)]
    }
}

/// Has the one connection look at everything once, as one has that was open for a while: the memory that PostgreSQL's processes share is
/// mapped page by page when a process first touches it, which costs more than the statements that are measured.
async fn warm(connection: &DatabaseConnection, engine: Engine) {
    if engine != Engine::Postgres {
        return;
    }
    for statement in [
        "SET max_parallel_workers_per_gather = 0",
        "SELECT SUM(LENGTH(payload)) FROM sessions",
        "SET enable_seqscan = off",
        "SET enable_sort = off",
        "SELECT COUNT(*) FROM (SELECT handle FROM sessions ORDER BY tenant, user_id, handle OFFSET 0) AS all_of_them",
        "SELECT COUNT(*) FROM (SELECT handle FROM sessions ORDER BY handle OFFSET 0) AS all_of_them",
        "SELECT COUNT(*) FROM (SELECT 1 FROM sessions ORDER BY absolute_expires_at OFFSET 0) AS all_of_them",
        "RESET ALL",
    ] {
        execute(connection, statement).await;
    }
}

/// Sessions that are made as if in the past, so that they lie among the others.
async fn samples(connection: &DatabaseConnection) -> Vec<String> {
    let clock = ManualClock::default();
    let now = sessions(connection.clone(), None).await.now();
    let maker = sessions(connection.clone(), Some(clock.clone())).await;
    let (mut samples, step) = (Vec::new(), DAY * 298 / u32::try_from(SAMPLES).expect("few"));
    for number in (1..=u32::try_from(SAMPLES).expect("few")).rev() {
        clock.set(now.before(step * number));
        samples.push(create(&maker, &format!("sample-{number}")).await);
    }
    maker.close().await.expect("an end");
    samples
}

async fn count(connection: &DatabaseConnection, sql: &str) -> u64 {
    let row = connection.query_one_raw(Statement::from_string(connection.get_database_backend(), sql)).await;
    let count: i64 = row.expect(sql).expect("a row").try_get_by_index(0).expect("a number");
    u64::try_from(count).expect("a count")
}

async fn measure(engine: Engine, small: &str, large: &str) {
    let mut places = [Place::open(engine, small).await, Place::open(engine, large).await];
    let began = Instant::now();
    for round in 0..ROUNDS {
        for (operation, times) in [TIMES, TIMES, TIMES, REVOCATIONS, 1].into_iter().enumerate() {
            for time in 0..times {
                let turn = round * times + time;
                for place in 0..2 {
                    places[(place + turn) % 2].run(operation, turn).await;
                }
            }
        }
    }
    println!("{engine:?}, {} and {} sessions, {:?}", places[0].users * 10, places[1].users * 10, began.elapsed());
    println!("| | times | small, p50 us | large, p50 us | ratio | small, p99 us | large, p99 us | ratio |");
    println!("|---|---:|---:|---:|---:|---:|---:|---:|");
    let [small, large] = &mut places;
    for (operation, name) in OPERATIONS.iter().enumerate() {
        let figures = [500, 990].map(|part| (small.at(operation, part), large.at(operation, part)));
        let cells = figures.map(|(small, large)| format!("{small:.0} | {large:.0} | {:.2}", large / small));
        println!("| {name} | {} | {} |", small.times[operation].len(), cells.join(" | "));
    }
    for place in &places {
        let plans = plans::explain(&place.connection, engine, place.recorded.take()).await;
        println!("{} statements explained for {} users", plans.len(), place.users);
        // Nobody is capped here: the table of those who are is empty.
        for plan in plans.iter().filter(|plan| !plan.scans.is_empty() && !plan.sql.contains("session_users")) {
            println!("goes through a table: {:.120} {:.120}", plan.sql, plan.scans.concat());
        }
        place.sessions.close().await.expect("an end");
    }
}
