//! Where a server lives: a folder, which is on a disk of its own where the server is on a machine of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::disk::{Disk, Stalled};
use super::process::is_root;
use crate::machine::Place;
use crate::process::run;

pub(super) struct Home {
    pub(super) place: Place,
    // Dropped in this order: the disk is mounted within the folder.
    disk: Option<Disk>,
    folder: TempDir,
}

impl Home {
    /// A new one, which a server may write into.
    pub(super) fn new(place: &Place) -> Self {
        let folder = tempfile::Builder::new().prefix("session-tests-").tempdir().expect("a folder");
        let mut home = Self { place: place.clone(), disk: None, folder };
        home.give_away(home.path());
        if matches!(place, Place::On(_)) {
            home.disk = Some(Disk::mount(&home.path().join("disk"), &home.data()));
            home.give_away(&home.data());
        }
        home
    }

    /// Whether it is on a machine of its own.
    pub(super) fn is_apart(&self) -> bool {
        self.disk.is_some()
    }

    /// Servers run as somebody else where tests run as root.
    fn give_away(&self, folder: &Path) {
        if is_root() {
            run(Command::new("chown").arg("nobody:nogroup").arg(folder));
            run(Command::new("chmod").arg("700").arg(folder));
        }
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// What a server keeps is in here.
    pub(super) fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    /// Whatever is written waits until the guard is dropped.
    pub(super) fn stall(&self) -> Stalled {
        self.disk.as_ref().expect("a disk of its own").stall()
    }
}
