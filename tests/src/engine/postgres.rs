//! A private PostgreSQL server.

use std::process::Command;

use tempfile::TempDir;

use super::process::{Program, folder, run, unprivileged};
use super::{Durability, Engine, Server, port, programs};

pub(super) async fn start(durability: Durability) -> Server {
    let folder = folder();
    run(command("initdb", &folder).args(["--pgdata=data", "--username=postgres", "--auth=trust"]).args([
        "--encoding=UTF8",
        "--no-locale",
        "--no-sync",
    ]));
    match durability {
        Durability::Kill => serve(folder, &["fsync=off", "full_page_writes=off"]).await,
        Durability::PowerCut => serve(folder, &[]).await,
    }
}

/// Starts a server on the data that are in `folder`.
pub(super) async fn serve(folder: TempDir, settings: &[&str]) -> Server {
    let port = port::free();
    let own = [
        format!("port={port}"),
        "listen_addresses=127.0.0.1".into(),
        "unix_socket_directories=..".into(),
        "max_connections=300".into(),
        // Which database a line of the log is about: `statements` reads it.
        "log_line_prefix=%d> ".into(),
    ];
    let settings = own.into_iter().chain(settings.iter().map(|setting| (*setting).to_owned()));
    let arguments = ["-D".into(), "data".into()].into_iter().chain(settings.flat_map(|it| ["-c".into(), it])).collect();
    let path = programs::postgres().expect("PostgreSQL").join("postgres");
    let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
    Server::run(Engine::Postgres, url, Program { folder, path, arguments }).await
}

/// One of PostgreSQL's programs, in the folder of a server.
pub(super) fn command(program: &str, folder: &TempDir) -> Command {
    let mut command = unprivileged(&programs::postgres().expect("PostgreSQL").join(program));
    command.current_dir(folder);
    command
}
