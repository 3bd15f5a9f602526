//! A server as a process, which ends with the tests.

use std::fs;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::PATIENCE;
use super::home::Home;

/// What to start, and where it lives.
pub(super) struct Program {
    pub(super) home: Home,
    pub(super) path: PathBuf,
    pub(super) arguments: Vec<String>,
}

impl Program {
    pub(super) fn start(&self) -> Process {
        let log = fs::OpenOptions::new().create(true).append(true).open(self.log()).expect("a log");
        let mut command = self.home.place.command("sh".as_ref());
        command.args(["-c", include_str!("watchdog.sh"), "watchdog"]).arg(self.home.path());
        let server = unprivileged(&self.path);
        command.arg(server.get_program()).args(server.get_args()).args(&self.arguments);
        command.current_dir(self.home.path()).process_group(0);
        command.stdin(Stdio::piped()).stderr(log.try_clone().expect("a log")).stdout(log);
        Process(command.spawn().expect("a shell"))
    }

    /// Everything that it says.
    pub(super) fn log(&self) -> PathBuf {
        self.home.path().join("log")
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
        let children = self.children();
        if let Some(mut watchdog) = self.0.stdin.take() {
            // Where nobody reads it, there is nothing left to end.
            let _ = watchdog.write_all(b"end\n");
        }
        self.0.wait().expect("its end");
        // What they share is theirs until they are gone, and a successor would not start.
        let patience = PATIENCE.as_millis() / 10;
        let is_any_left = || children.iter().any(|child| is_running(child));
        (0..patience).take_while(|_| is_any_left()).for_each(|_| std::thread::sleep(Duration::from_millis(10)));
    }

    fn children(&self) -> Vec<String> {
        let server = self.0.id();
        // Nothing of one that has ended.
        let children = fs::read_to_string(format!("/proc/{server}/task/{server}/children")).unwrap_or_default();
        children.split_whitespace().map(str::to_owned).collect()
    }

    /// Lets it stand still, with its children, as a machine does that swaps or is moved.
    pub(super) fn pause(&self) -> Paused {
        let server = self.0.id();
        signal("-STOP", &[server.to_string()]);
        let children = self.children();
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

/// Whether it does more than wait for somebody to take note of its end.
fn is_running(process: &str) -> bool {
    let state = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    state.rsplit_once(") ").is_some_and(|(_, state)| !state.starts_with(['Z', 'X']))
}

/// Whoever has ended meanwhile is passed over.
fn signal(signal: &str, processes: &[String]) {
    if !processes.is_empty() {
        Command::new("kill").arg(signal).args(processes).stderr(Stdio::null()).status().expect("kill");
    }
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

pub(super) fn is_root() -> bool {
    fs::metadata("/proc/self").expect("this process").uid() == 0
}
