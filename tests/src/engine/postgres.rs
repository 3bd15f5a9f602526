//! A private PostgreSQL server.

use std::fs;
use std::io::Write;
use std::process::Command;

use super::home::Home;
use super::process::{Program, unprivileged};
use super::{Durability, Engine, Server, port, programs};
use crate::machine::{self, Place};
use crate::process::run;

pub(super) async fn start(place: &Place, durability: Durability) -> Server {
    let home = Home::new(place);
    run(command("initdb", &home).args(["--pgdata=data", "--username=postgres", "--auth=trust"]).args([
        "--encoding=UTF8",
        "--no-locale",
        "--no-sync",
    ]));
    let mut rules = fs::OpenOptions::new().append(true).open(home.data().join("pg_hba.conf")).expect("the rules");
    for whom in ["all", "replication"] {
        writeln!(rules, "host {whom} all {} trust", machine::ALL).expect("a rule");
    }
    match durability {
        Durability::Kill => serve(home, &["fsync=off", "full_page_writes=off"]).await,
        Durability::PowerCut => serve(home, &[]).await,
    }
}

/// Starts a server on the data that are there.
pub(super) async fn serve(home: Home, settings: &[&str]) -> Server {
    let (address, port) = (home.place.address(), port::of_server(&home.place));
    let own = [
        format!("port={port}"),
        // On a machine also the address that moves.
        format!("listen_addresses={}", if home.is_apart() { "*".into() } else { address.to_string() }),
        "unix_socket_directories=..".into(),
        "max_connections=300".into(),
        // Which database a line of the log is about: `statements` reads it.
        "log_line_prefix=%d> ".into(),
    ];
    let settings = own.into_iter().chain(settings.iter().map(|setting| (*setting).to_owned()));
    let arguments = ["-D".into(), "data".into()].into_iter().chain(settings.flat_map(|it| ["-c".into(), it])).collect();
    let path = programs::postgres().expect("PostgreSQL").join("postgres");
    let url = format!("postgres://postgres@{address}:{port}/postgres");
    Server::run(Engine::Postgres, url, Program { home, path, arguments }).await
}

/// One of PostgreSQL's programs, in the folder of a server.
pub(super) fn command(program: &str, home: &Home) -> Command {
    let mut command = unprivileged(&programs::postgres().expect("PostgreSQL").join(program));
    command.current_dir(home.path());
    command
}
