//! Where the database servers are. The build script includes this file, so that what it ignores is what would not be found.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) const POSTGRES_URL: &str = "SESSION_TEST_POSTGRES_URL";
pub(crate) const MYSQL_URL: &str = "SESSION_TEST_MYSQL_URL";

/// The folder of PostgreSQL's programs. Debian keeps them out of `PATH`, so that several versions can be installed: the newest is taken.
pub(crate) fn postgres() -> Option<PathBuf> {
    if let Some(initdb) = find("initdb") {
        return initdb.canonicalize().ok()?.parent().map(Path::to_owned);
    }
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.filter_map(Result::ok);
    let number = |folder: &PathBuf| folder.parent()?.file_name()?.to_str()?.parse::<u32>().ok();
    versions.map(|version| version.path().join("bin")).filter(|bin| bin.join("initdb").exists()).max_by_key(number)
}

/// MariaDB's server and what makes its data.
pub(crate) fn mariadb() -> Option<(PathBuf, PathBuf)> {
    Some((find("mariadbd")?, find("mariadb-install-db")?))
}

/// What makes MariaDB servers a cluster; they copy their data to each other by rsync.
pub(crate) fn galera() -> Option<PathBuf> {
    let library = PathBuf::from("/usr/lib/galera/libgalera_smm.so");
    (mariadb().is_some() && find("rsync").is_some() && library.exists()).then_some(library)
}

/// A program in `PATH`, or where Debian keeps servers.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    folders.map(|folder| folder.join(program)).find(|file| file.is_file())
}
