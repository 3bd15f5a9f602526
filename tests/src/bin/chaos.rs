//! `cargo run -p session-tests --bin chaos -- postgres 60`: a minute of it, or an hour. Databases: `sqlite`, `postgres`, `replicated`
//! (PostgreSQL and a replica), `mariadb`, `galera`.
//!
//! With `--machines`, as root on Linux, each process and each server has a machine of its own, so that networks part and disks stall too.
#![allow(clippy::print_stdout, reason = "the figures are what it is for")]

use std::process::{Command, ExitCode};
use std::time::Duration;

use session_tests::chaos::{Databases, Machines, Plan, run};

const USAGE: &str = "usage: chaos sqlite|postgres|replicated|mariadb|galera SECONDS [SEED] [--machines]";

fn main() -> ExitCode {
    let Some(plan) = plan() else {
        println!("{USAGE}");
        return ExitCode::from(2);
    };
    if plan.machines == Machines::Own && std::env::var_os(APART).is_none() { apart() } else { here(plan) }
}

#[tokio::main]
async fn here(plan: Plan) -> ExitCode {
    println!("{plan:?}");
    let report = run(plan).await;
    println!("{report}");
    if report.broken_promises().is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Servers would wait for the names of their clients, and nobody is there to tell them.
const WITHOUT_NAMES: &str = r#"mount --bind /dev/null /etc/resolv.conf; exec "$@""#;

/// Set for a process that has its network and its mounts to itself.
const APART: &str = "SESSION_CHAOS_APART";

/// The same once more, in namespaces of its own: whatever it sets up there ends with it.
fn apart() -> ExitCode {
    let mut command = Command::new("unshare");
    command
        .args(["--net", "--mount", "sh", "-c", WITHOUT_NAMES, "sh"])
        .arg(std::env::current_exe().expect("this program"));
    let ended = command.args(std::env::args_os().skip(1)).env(APART, "1").status().expect("unshare");
    if ended.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn plan() -> Option<Plan> {
    let is_option = |argument: &String| argument == "--machines";
    let machines = if std::env::args().any(|argument| is_option(&argument)) { Machines::Own } else { Machines::This };
    let mut arguments = std::env::args().skip(1).filter(|argument| !is_option(argument));
    let databases = match arguments.next()?.as_str() {
        "sqlite" => Databases::Sqlite,
        "postgres" => Databases::Postgres,
        "replicated" => Databases::Replicated,
        "mariadb" => Databases::MariaDb,
        "galera" => Databases::Galera,
        _ => return None,
    };
    let time = Duration::from_secs(arguments.next()?.parse().ok()?);
    let seed = arguments.next().map_or(Some(1), |seed| seed.parse().ok())?;
    Some(Plan { databases, machines, nodes: 3, clients: 24, time, seed })
}
