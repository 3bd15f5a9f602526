//! A disk of a server's own, which can stall: what is written to it waits, as on a disk array that resets or a volume that is throttled,
//! and what is in memory is read as ever.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::process::run;

/// A file system in a file, which is mounted as long as this value. To be made in a mount namespace of the tests' own, with which it ends
/// in any case.
pub(super) struct Disk {
    folder: PathBuf,
}

/// As much as there may be; the file takes what is written.
const SIZE: &str = "4G";

impl Disk {
    /// Mounts a new one at `folder`, kept in the file `image`.
    pub(super) fn mount(image: &Path, folder: &Path) -> Self {
        std::fs::create_dir(folder).expect("a folder");
        run(Command::new("truncate").arg(format!("--size={SIZE}")).arg(image));
        run(Command::new("mkfs.ext4").arg("-q").arg(image));
        run(Command::new("mount").args(["-o", "loop"]).args([image, folder]));
        // Servers want to begin in an empty folder.
        std::fs::remove_dir(folder.join("lost+found")).expect("a new file system");
        Self { folder: folder.to_owned() }
    }

    pub(super) fn stall(&self) -> Stalled {
        let mut guard = Command::new("sh");
        guard.args(["-c", FREEZE, "guard"]).arg(&self.folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut guard = guard.spawn().expect("a shell");
        let is_frozen = BufReader::new(guard.stdout.take().expect("its output")).lines().next();
        assert!(is_frozen.is_some(), "the file system does not freeze");
        Stalled(guard)
    }
}

/// Thaws when the pipe closes, also where the tests were killed: nobody can end who waits for a frozen file system.
const FREEZE: &str = r#"fsfreeze --freeze "$1" && echo frozen && cat; exec fsfreeze --unfreeze "$1""#;

impl Drop for Disk {
    fn drop(&mut self) {
        // At the latest when the last process of the server is gone, which may take a moment. A panic here would hide the one that led here.
        let _ = Command::new("umount").arg("--lazy").arg(&self.folder).status();
    }
}

/// A disk that stands still.
#[must_use = "the disk goes on when this is dropped"]
pub struct Stalled(Child);

impl Drop for Stalled {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}
