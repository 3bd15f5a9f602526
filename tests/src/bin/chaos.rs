//! `cargo run -p session-tests --bin chaos -- postgres 60`: a minute of it, or an hour. Databases: `sqlite`, `postgres`, `mariadb`, `galera`.
#![allow(clippy::print_stdout, reason = "the figures are what it is for")]

use std::process::ExitCode;
use std::time::Duration;

use session_tests::chaos::{Databases, Plan, run};

#[tokio::main]
async fn main() -> ExitCode {
    let Some(plan) = plan() else {
        println!("usage: chaos sqlite|postgres|mariadb|galera SECONDS [SEED]");
        return ExitCode::from(2);
    };
    println!("{plan:?}");
    let report = run(plan).await;
    println!("{report}");
    if report.losses().is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn plan() -> Option<Plan> {
    let mut arguments = std::env::args().skip(1);
    let databases = match arguments.next()?.as_str() {
        "sqlite" => Databases::Sqlite,
        "postgres" => Databases::Postgres,
        "mariadb" => Databases::MariaDb,
        "galera" => Databases::Galera,
        _ => return None,
    };
    let time = Duration::from_secs(arguments.next()?.parse().ok()?);
    let seed = arguments.next().map_or(Some(1), |seed| seed.parse().ok())?;
    Some(Plan { databases, nodes: 3, clients: 24, time, seed })
}
