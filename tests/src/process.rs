//! The examples as processes of their own, started as a user would start them.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

use crate::engine::Paused;
use crate::machine::Place;

/// A running quickstart. Killed when dropped.
pub struct Quickstart {
    child: Child,
    pub url: String,
    /// The lines that it prints to be tried.
    pub hints: Vec<String>,
    pub log: PathBuf,
}

impl Quickstart {
    /// Starts it in `folder` on a free port, and waits until it says where it listens.
    pub fn start(folder: &Path, settings: &[(&str, &str)]) -> Self {
        Self::start_at(&Place::Here, folder, settings)
    }

    /// As [`start`](Self::start), on a machine.
    pub fn start_at(place: &Place, folder: &Path, settings: &[(&str, &str)]) -> Self {
        Self::try_start_at(place, folder, settings).unwrap_or_else(|log| panic!("the quickstart did not start: {log}"))
    }

    /// As [`start`](Self::start); what it wrote to its log where it ends instead.
    pub fn try_start(folder: &Path, settings: &[(&str, &str)]) -> Result<Self, String> {
        Self::try_start_at(&Place::Here, folder, settings)
    }

    /// As [`start_at`](Self::start_at); what it wrote to its log where it ends instead.
    pub(crate) fn try_start_at(place: &Place, folder: &Path, settings: &[(&str, &str)]) -> Result<Self, String> {
        let log = folder.join("log");
        let mut command = place.command(&built("quickstart"));
        command.current_dir(folder).env("BIND", "127.0.0.1:0").env("RUST_LOG", "trace").stdout(Stdio::piped());
        for name in
            ["DATABASE_URL", "SESSION_SECRET", "ACCESS_TOKEN_SECONDS", "REFRESH_GRACE_SECONDS", "ANTI_CSRF", "WEBSITE"]
        {
            command.env_remove(name);
        }
        command.envs(settings.iter().copied());
        command.stderr(std::fs::OpenOptions::new().create(true).append(true).open(&log).expect("a log"));
        let mut child = command.spawn().expect("the quickstart");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let listening = lines.find_map(|line| line.ok()?.strip_prefix("listening on ").map(str::to_owned));
        let Some(url) = listening else {
            child.wait().expect("its end");
            return Err(std::fs::read_to_string(&log).expect("a log"));
        };
        let hints = lines.by_ref().skip(1).take(2).map(|line| line.expect("a line").trim().to_owned()).collect();
        // Whoever prints to a closed pipe ends; so it is read until the end.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self { child, url, hints, log })
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        self.child.kill().expect("a running quickstart");
        self.child.wait().expect("its end");
    }

    /// Lets it stand still until the guard is dropped.
    #[must_use = "it goes on when the guard is dropped"]
    pub fn pause(&self) -> Paused {
        Paused::now(vec![self.child.id().to_string()])
    }

    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("its state").is_some()
    }

    /// Ends it as Ctrl-C does, and tells whether it ended well.
    pub fn interrupt(&mut self) -> bool {
        let interrupted = Command::new("kill").arg("-INT").arg(self.child.id().to_string()).status().expect("kill");
        assert!(interrupted.success());
        self.child.wait().expect("its end").success()
    }
}

impl Drop for Quickstart {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A running storefront. Killed when dropped.
pub struct Storefront {
    child: Child,
    pub url: String,
}

impl Storefront {
    /// Starts it in `folder` on a free port, with access tokens of two seconds.
    pub fn start(folder: &Path) -> Self {
        let mut command = Command::new(built("storefront"));
        command.current_dir(folder).env("BIND", "127.0.0.1:0").env("ACCESS_TOKEN_SECONDS", "2");
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the storefront");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let url = lines.find_map(|line| line.ok()?.strip_prefix("listening on ").map(str::to_owned));
        Self { child, url: url.expect("where it listens") }
    }
}

impl Drop for Storefront {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The admin command.
pub fn admin() -> PathBuf {
    built("sessions")
}

/// One of the workspace's programs, which stands beside this test. They are built as `cargo test --workspace` builds, of what that has built
/// already: each alone would want other features of the database's drivers, and build them for minutes. So does this, where it was not the
/// whole workspace that was tested. Not `session-tests`, whose own program may be running.
fn built(program: &str) -> PathBuf {
    static BUILT: OnceLock<Output> = OnceLock::new();
    let args = ["build", "--quiet", "--locked", "--workspace", "--exclude", "session-tests", "--bins", "--tests"];
    let built = BUILT.get_or_init(|| Command::new(env!("CARGO")).args(args).output().expect("cargo runs"));
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    folder_of_binaries().join(format!("{program}{}", std::env::consts::EXE_SUFFIX))
}

/// Runs a program to its end, which must be good.
pub(crate) fn run(command: &mut Command) {
    let ended = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = [ended.stdout, ended.stderr].concat();
    assert!(ended.status.success(), "{command:?} failed:\n{}", String::from_utf8_lossy(&said));
}

/// `target/debug`: where examples are, and where the folder of tests is.
pub fn folder_of_binaries() -> PathBuf {
    let this = std::env::current_exe().expect("this program");
    let folder = this.parent().expect("its folder");
    if folder.ends_with("deps") { folder.parent().expect("target/debug").to_owned() } else { folder.to_owned() }
}
