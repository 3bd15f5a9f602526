//! Half a minute of chaos on each kind of database. For longer: `cargo run -p session-tests --bin chaos`.

use std::time::Duration;

use session_tests::chaos::{Databases, Plan, run};

async fn half_a_minute_breaks_no_promise(databases: Databases) {
    let report = run(Plan { databases, nodes: 3, clients: 16, time: Duration::from_secs(30), seed: 7 }).await;
    println!("{databases:?}\n{report}");
    assert!(report.losses().is_empty(), "{report}");
    for (what, least) in
        [("write: done", 200), ("refresh: done", 20), ("fault: ", 5), ("acknowledged writes found", 200)]
    {
        assert!(report.total(what) >= least, "too little of {what:?}:\n{report}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_a_minute_breaks_no_promise_on_sqlite() {
    half_a_minute_breaks_no_promise(Databases::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(starts_postgres), ignore = "needs PostgreSQL: apt-get install -y postgresql")]
async fn half_a_minute_breaks_no_promise_on_postgres() {
    half_a_minute_breaks_no_promise(Databases::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(starts_galera), ignore = "needs MariaDB and Galera: apt-get install -y mariadb-server galera-4")]
async fn half_a_minute_breaks_no_promise_on_galera() {
    half_a_minute_breaks_no_promise(Databases::Galera).await;
}
