//! Sets a `cfg` for what the tests find here: tests that miss a browser or a database server are reported as ignored, with what to
//! install. Where `BROWSER_TESTS`, `DATABASE_TESTS`, `MACHINE_TESTS` or `INSTRUCTION_TESTS` is `required` they run, and fail for what is
//! missing.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

#[path = "src/engine/programs.rs"]
mod programs;

fn main() {
    let chromium = PathBuf::from(variable("CHROMIUM").unwrap_or_else(|| "/usr/bin/chromium".into()));
    let package = Path::new("e2e/node_modules/supertokens-website/package.json");
    let needs_browser = is_required("BROWSER_TESTS");
    set("has_browser", needs_browser || (is_there(&chromium) && is_there(package)));

    let needs_databases = is_required("DATABASE_TESTS");
    let postgres = needs_databases || programs::postgres().is_some_and(|bin| is_there(&bin.join("postgres")));
    let mariadb = needs_databases || programs::mariadb().is_some_and(|(server, _)| is_there(&server));
    set("starts_postgres", postgres);
    set("starts_mariadb", mariadb);
    set("starts_galera", needs_databases || programs::galera().is_some_and(|library| is_there(&library)));
    set("has_machines", is_required("MACHINE_TESTS") || can_make_machines());
    let counts = cfg!(target_arch = "x86_64") && has_avx2() && programs::find("valgrind").is_some();
    set("has_valgrind", is_required("INSTRUCTION_TESTS") || counts);
    // Most tests can also run on a server that somebody else has started.
    set("has_postgres", variable(programs::POSTGRES_URL).is_some() || postgres);
    set("has_mariadb", variable(programs::MYSQL_URL).is_some() || mariadb);
}

/// Instructions are counted as a processor with AVX2 takes them.
fn has_avx2() -> bool {
    std::fs::read_to_string("/proc/cpuinfo").is_ok_and(|processors| processors.contains(" avx2 "))
}

fn set(cfg: &str, is_so: bool) {
    println!("cargo::rustc-check-cfg=cfg({cfg})");
    if is_so {
        println!("cargo::rustc-cfg={cfg}");
    }
}

/// Whether there may be networks and disks of the tests' own: by root on Linux, and not in every container.
fn can_make_machines() -> bool {
    let programs = ["ip", "fsfreeze", "mkfs.ext4"].map(|program| programs::find(program).is_some());
    let apart = Command::new("unshare").args(["--net", "--mount", "true"]).output();
    programs.iter().all(|is_there| *is_there)
        && is_there(Path::new("/dev/loop-control"))
        && apart.is_ok_and(|ended| ended.status.success())
}

fn is_required(tests: &str) -> bool {
    variable(tests).is_some_and(|value| value == "required")
}

fn variable(name: &str) -> Option<String> {
    println!("cargo::rerun-if-env-changed={name}");
    env::var(name).ok()
}

fn is_there(file: &Path) -> bool {
    println!("cargo::rerun-if-changed={}", file.display());
    file.exists()
}
