//! A private MariaDB server.

use std::net::Ipv4Addr;
use std::path::PathBuf;

use super::home::Home;
use super::process::{Program, unprivileged};
use super::{Durability, Engine, Server, port, programs};
use crate::machine::Place;
use crate::process::run;

/// Small, and the same from the start: a change costs seconds.
const LOG_SIZE: &str = "--innodb-log-file-size=16M";

/// Does not wait for the disk a thousand times, as it does for new data.
pub(super) const NO_SYNC: &str = "--debug-no-sync";

pub(super) async fn start(place: &Place, durability: Durability) -> Server {
    let home = Home::new(place);
    install(&home);
    let settings = match durability {
        Durability::Kill => vec![NO_SYNC.into(), "--innodb-flush-log-at-trx-commit=2".into()],
        Durability::PowerCut => vec![],
    };
    serve(home, settings).await
}

/// Starts a server on the data that are there.
pub(super) async fn serve(home: Home, mut settings: Vec<String>) -> Server {
    if home.is_apart() {
        // Its users are those of its own machine, and ours come from others.
        settings.push("--skip-grant-tables".into());
    }
    let (address, port) = (home.place.address(), port::of_server(&home.place));
    let url = format!("mysql://root@{address}:{port}/mysql");
    Server::run(Engine::MariaDb, url, program(home, address, port, settings)).await
}

/// Makes the data of a server whose `root` needs no password.
pub(super) fn install(home: &Home) {
    let (_, installer) = programs();
    let mut command = unprivileged(&installer);
    command.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db", LOG_SIZE, NO_SYNC]);
    command.arg(format!("--datadir={}", home.data().display())).arg(temporary_tables(home));
    run(command.current_dir(home.path()));
}

/// In a folder of its own: a server that starts removes what it takes for left there.
fn temporary_tables(home: &Home) -> String {
    format!("--tmpdir={}", home.path().display())
}

fn program(home: Home, address: Ipv4Addr, port: u16, settings: Vec<String>) -> Program {
    let own = [
        "--no-defaults".into(),
        format!("--datadir={}", home.data().display()),
        temporary_tables(&home),
        format!("--port={port}"),
        format!("--bind-address={address}"),
        format!("--socket={}", home.path().join("socket").display()),
        "--skip-name-resolve".into(),
        "--max-connections=300".into(),
        // As Debian and MySQL itself set it.
        "--character-set-server=utf8mb4".into(),
        // `statements` reads it; nothing is written until it is switched on.
        "--log-output=TABLE".into(),
        LOG_SIZE.into(),
    ];
    Program { path: programs().0, arguments: own.into_iter().chain(settings).collect(), home }
}

fn programs() -> (PathBuf, PathBuf) {
    programs::mariadb().expect("MariaDB")
}
