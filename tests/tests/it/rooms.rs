//! The invariants of the house that no compiler checks, checked on its text.

use std::path::{Path, PathBuf};

/// Every source file of the runtime, with its path inside `src`.
fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../session-runtime/src");
    let mut folders = vec![root.clone()];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&entry).expect("a source file");
                sources.push((entry.strip_prefix(&root).expect("inside").to_owned(), code(&text)));
            }
        }
    }
    assert!(sources.len() > 40, "the sources were found");
    sources
}

/// The lines that are code, without comments and documentation.
fn code(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn assert_only_in(words: &[&str], rooms: &[&str]) {
    for (path, text) in sources() {
        if !rooms.iter().any(|room| path.starts_with(room)) {
            for word in words {
                assert!(!text.contains(word), "{} names {word}", path.display());
            }
        }
    }
}

#[test]
fn sea_orm_is_named_in_the_store_and_in_the_constructor_that_takes_a_connection() {
    assert_only_in(&["sea_orm"], &["store", "sessions/builder.rs"]);
}

#[test]
fn axum_http_and_cookie_are_named_in_web() {
    assert_only_in(&["axum::", "http::", "cookie::", "tower_"], &["web"]);
}

#[test]
fn vault_claims_and_rotation_are_pure() {
    for (path, text) in sources() {
        if ["token", "claims", "sessions/rotation.rs"].iter().any(|room| path.starts_with(room)) {
            for word in ["async ", ".await", "tokio", "SystemTime", "std::fs", "std::net"] {
                assert!(!text.contains(word), "{} names {word}", path.display());
            }
        }
    }
}

#[test]
fn vault_and_archive_do_not_know_each_other() {
    for (path, text) in sources() {
        assert!(!path.starts_with("token") || !text.contains("crate::store"), "{}", path.display());
        assert!(!path.starts_with("store") || !text.contains("crate::token"), "{}", path.display());
    }
}

#[test]
fn only_the_clock_reads_the_time_and_sql_never_does() {
    assert_only_in(&["SystemTime::now", "Instant::now", "now_v7", "clock_gettime"], &["clock.rs"]);
    assert_only_in(&["now()\"", "CURRENT_TIMESTAMP", "strftime"], &[]);
}

#[test]
fn only_secret_draws_random_bytes() {
    assert_only_in(&["getrandom::fill", "OsRng", "thread_rng", "rand::"], &["secret.rs"]);
}

#[test]
fn the_crate_root_defines_nothing() {
    let (_, text) = sources().into_iter().find(|(path, _)| path == Path::new("lib.rs")).expect("lib.rs");
    for word in ["fn ", "struct ", "enum ", "trait ", "impl ", "const ", "static "] {
        assert!(!text.contains(word), "lib.rs defines something: {word}");
    }
}

#[test]
fn every_test_that_the_documentation_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = std::fs::read_to_string(root.join("docs/supertokens.md")).expect("the page");
    let cells = page.lines().filter_map(|row| row.rsplit('|').nth(1));
    let names: Vec<&str> = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    assert!(names.len() > 60, "{} tests are named", names.len());
    for name in names {
        assert!(is_test(&root, name), "docs/supertokens.md names `{name}`, which is not there");
    }
}

/// `file::test` of the integration tests, or a case or folder of those that are about compiling.
fn is_test(root: &Path, name: &str) -> bool {
    if let Some(case) = name.strip_prefix("ui/") {
        let case = root.join("tests/ui/cases").join(case);
        return case.exists() || case.with_extension("rs").exists();
    }
    let (module, test) = name.rsplit_once("::").expect("a module and a test");
    let file = root.join("tests/tests/it").join(module.replace("::", "/")).with_extension("rs");
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.contains(&format!("fn {test}("))
}
