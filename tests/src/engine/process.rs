//! A server as a process, which ends with the tests.

use std::fs;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// What to start, and the folder that it lives in.
pub(super) struct Program {
    pub(super) folder: TempDir,
    pub(super) path: PathBuf,
    pub(super) arguments: Vec<String>,
}

impl Program {
    pub(super) fn start(&self) -> Process {
        let log = fs::OpenOptions::new().create(true).append(true).open(self.log()).expect("a log");
        let mut command = Command::new("sh");
        command.args(["-c", include_str!("watchdog.sh"), "watchdog"]).arg(self.folder.path());
        let server = unprivileged(&self.path);
        command.arg(server.get_program()).args(server.get_args()).args(&self.arguments);
        command.current_dir(&self.folder).process_group(0);
        command.stdin(Stdio::piped()).stderr(log.try_clone().expect("a log")).stdout(log);
        Process(command.spawn().expect("a shell"))
    }

    /// Everything that it says.
    pub(super) fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }
}

/// A running server. Killed when dropped.
pub(super) struct Process(Child);

impl Process {
    pub(super) fn has_ended(&mut self) -> bool {
        self.0.try_wait().expect("its state").is_some()
    }

    /// Ends it as `kill -9` does, and so its children.
    pub(super) fn kill(&mut self) {
        if let Some(mut watchdog) = self.0.stdin.take() {
            // Where nobody reads it, there is nothing left to end.
            let _ = watchdog.write_all(b"end\n");
        }
        self.0.wait().expect("its end");
    }

    /// Lets it stand still, with its children, as a machine does that swaps or is moved.
    pub(super) fn pause(&self) -> Paused {
        let server = self.0.id();
        signal("-STOP", &[server.to_string()]);
        let children = fs::read_to_string(format!("/proc/{server}/task/{server}/children")).expect("its children");
        let children: Vec<_> = children.split_whitespace().map(str::to_owned).collect();
        signal("-STOP", &children);
        Paused([children, vec![server.to_string()]].concat())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A server that stands still: its port is open, and nobody answers.
#[must_use = "the server goes on when this is dropped"]
pub struct Paused(Vec<String>);

impl Paused {
    pub(crate) fn now(processes: Vec<String>) -> Self {
        signal("-STOP", &processes);
        Self(processes)
    }
}

impl Drop for Paused {
    fn drop(&mut self) {
        signal("-CONT", &self.0);
    }
}

/// Whoever has ended meanwhile is passed over.
fn signal(signal: &str, processes: &[String]) {
    if !processes.is_empty() {
        Command::new("kill").arg(signal).args(processes).stderr(Stdio::null()).status().expect("kill");
    }
}

/// A temporary folder that a server may write into.
pub(super) fn folder() -> TempDir {
    let folder = tempfile::Builder::new().prefix("session-tests-").tempdir().expect("a folder");
    if is_root() {
        run(Command::new("chown").arg("nobody:nogroup").arg(folder.path()));
    }
    folder
}

/// Database servers refuse to run as root, as which builds often run.
pub(super) fn unprivileged(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]).arg(program);
    command
}

/// Runs a program to its end, which must be good.
pub(super) fn run(command: &mut Command) {
    let ended = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = [ended.stdout, ended.stderr].concat();
    assert!(ended.status.success(), "{command:?} failed:\n{}", String::from_utf8_lossy(&said));
}

fn is_root() -> bool {
    fs::metadata("/proc/self").expect("this process").uid() == 0
}
