//! Half a minute of chaos on each kind of database. For longer: `cargo run -p session-tests --bin chaos`.

use std::process::Command;
use std::time::Duration;

use session_tests::chaos::{Databases, Machines, Plan, run};

/// What a run must have brought, or it has shown nothing.
const ENOUGH: [(&str, u64); 6] = [
    ("write: done", 200),
    ("refresh: done", 20),
    ("fault: ", 4),
    ("acknowledged writes found", 100),
    ("ended sessions refused", 10),
    ("thieves caught", 1),
];

/// The seed decides on the order of faults, so that those which are asked for are among the first.
async fn half_a_minute_breaks_no_promise(databases: Databases, seed: u64, faults: &[&str]) {
    let (machines, time) = (Machines::This, Duration::from_secs(30));
    let report = run(Plan { databases, machines, nodes: 3, clients: 16, time, seed }).await;
    println!("{databases:?}\n{report}");
    assert!(report.broken_promises().is_empty(), "{report}");
    assert_enough(&report.to_string(), faults);
}

/// In namespaces that a process of its own has to itself.
fn half_a_minute_on_machines_breaks_no_promise(databases: &str, seed: u64, faults: &[&str]) {
    let mut chaos = Command::new(env!("CARGO_BIN_EXE_chaos"));
    let ended = chaos.args([databases, "30", &seed.to_string(), "--machines"]).output().expect("chaos");
    let report = String::from_utf8(ended.stdout).expect("figures");
    println!("{report}");
    assert!(ended.status.success(), "{report}\n{}", String::from_utf8_lossy(&ended.stderr));
    assert_enough(&report, faults);
}

#[track_caller]
fn assert_enough(report: &str, faults: &[&str]) {
    let faults = faults.iter().map(|fault| (*fault, 1));
    for (what, least) in ENOUGH.into_iter().chain(faults) {
        let figures = report.lines().filter_map(|line| line.trim_start().split_once("  "));
        let total: u64 =
            figures.filter(|(_, name)| name.starts_with(what)).filter_map(|(n, _)| n.parse::<u64>().ok()).sum();
        assert!(total >= least, "too little of {what:?}:\n{report}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_a_minute_breaks_no_promise_on_sqlite() {
    half_a_minute_breaks_no_promise(Databases::Sqlite, 7, &["fault: a sleeping transaction"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(starts_postgres), ignore = "needs PostgreSQL: apt-get install -y postgresql")]
async fn half_a_minute_breaks_no_promise_on_postgres() {
    half_a_minute_breaks_no_promise(Databases::Postgres, 7, &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(starts_postgres), ignore = "needs PostgreSQL: apt-get install -y postgresql")]
async fn half_a_minute_of_failovers_loses_what_the_replica_lacked_and_convicts_nobody() {
    let faults = ["fault: kill -9 of a primary, promotion", "lost by failover"];
    half_a_minute_breaks_no_promise(Databases::Replicated, 3, &faults).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(starts_galera), ignore = "needs MariaDB and Galera: apt-get install -y mariadb-server galera-4")]
async fn half_a_minute_breaks_no_promise_on_galera() {
    half_a_minute_breaks_no_promise(Databases::Galera, 7, &[]).await;
}

#[test]
#[cfg_attr(
    not(all(starts_postgres, has_machines)),
    ignore = "needs PostgreSQL, and root on Linux with: apt-get install -y postgresql iproute2 e2fsprogs"
)]
fn parted_networks_and_stalled_disks_break_no_promise_on_postgres() {
    half_a_minute_on_machines_breaks_no_promise("postgres", 1, &["fault: a network that parts", "fault: a disk"]);
}

#[test]
#[cfg_attr(
    not(all(starts_galera, has_machines)),
    ignore = "needs Galera, and root on Linux with: apt-get install -y mariadb-server galera-4 iproute2 e2fsprogs"
)]
fn parted_networks_and_stalled_disks_break_no_promise_on_galera() {
    let faults = ["fault: a network that parts a process", "fault: a network that parts a database", "fault: a disk"];
    half_a_minute_on_machines_breaks_no_promise("galera", 1, &faults);
}
