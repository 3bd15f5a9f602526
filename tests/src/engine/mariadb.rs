//! A private MariaDB server.

use std::path::PathBuf;

use tempfile::TempDir;

use super::process::{Program, folder, run, unprivileged};
use super::{Durability, Engine, Server, port, programs};

/// Small, and the same from the start: a change costs seconds.
const LOG_SIZE: &str = "--innodb-log-file-size=16M";

/// Does not wait for the disk a thousand times, as it does for new data.
pub(super) const NO_SYNC: &str = "--debug-no-sync";

pub(super) async fn start(durability: Durability) -> Server {
    let folder = folder();
    install(&folder);
    let settings = match durability {
        Durability::Kill => vec![NO_SYNC.into(), "--innodb-flush-log-at-trx-commit=2".into()],
        Durability::PowerCut => vec![],
    };
    let port = port::free();
    Server::run(Engine::MariaDb, url(port), program(folder, port, settings)).await
}

pub(super) fn url(port: u16) -> String {
    format!("mysql://root@127.0.0.1:{port}/mysql")
}

/// Makes the data of a server whose `root` needs no password.
pub(super) fn install(folder: &TempDir) {
    let (_, installer) = programs();
    let mut command = unprivileged(&installer);
    command.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db", LOG_SIZE, NO_SYNC]);
    run(command.arg(format!("--datadir={}", data(folder))).current_dir(folder));
}

/// A server on the data that are in `folder`.
pub(super) fn program(folder: TempDir, port: u16, settings: Vec<String>) -> Program {
    let own = [
        "--no-defaults".into(),
        format!("--datadir={}", data(&folder)),
        format!("--port={port}"),
        "--bind-address=127.0.0.1".into(),
        format!("--socket={}", folder.path().join("socket").display()),
        "--skip-name-resolve".into(),
        "--max-connections=300".into(),
        // As Debian and MySQL itself set it.
        "--character-set-server=utf8mb4".into(),
        // `statements` reads it; nothing is written until it is switched on.
        "--log-output=TABLE".into(),
        LOG_SIZE.into(),
    ];
    Program { path: programs().0, arguments: own.into_iter().chain(settings).collect(), folder }
}

fn data(folder: &TempDir) -> String {
    folder.path().join("data").display().to_string()
}

fn programs() -> (PathBuf, PathBuf) {
    programs::mariadb().expect("MariaDB")
}
