//! What compiles and what does not, and in which words: `cases`, one folder per kind of mistake.
//!
//! The texts are those of the compiler in `rust-toolchain.toml`. After a change of wording,
//! `TRYBUILD=overwrite cargo test -p session-ui` writes them anew; read the difference before committing it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The folders whose cases must be built; all others are only checked, which trybuild does for all of them at once.
const BUILT: [&str; 2] = ["pass", "built"];

#[test]
fn derives_accept_what_is_right_and_stop_the_build_of_what_is_not() {
    let cases = trybuild::TestCases::new();
    cases.pass("cases/pass/*.rs");
    cases.compile_fail("cases/built/*.rs");
}

#[test]
fn derives_explain_what_is_not_right() {
    let cases = trybuild::TestCases::new();
    for folder in folders() {
        if BUILT.iter().any(|built| folder.ends_with(built)) {
            continue;
        }
        cases.compile_fail(folder.join("*.rs"));
    }
}

#[test]
fn no_two_cases_are_the_same() {
    let mut seen: BTreeMap<String, PathBuf> = BTreeMap::new();
    let cases = sources();
    assert!(cases.len() >= 150, "{} cases", cases.len());
    for path in cases {
        let text = fs::read_to_string(&path).expect("a case can be read");
        let body: String = text.split_whitespace().collect();
        if let Some(other) = seen.insert(body, path.clone()) {
            panic!("{} repeats {}", path.display(), other.display());
        }
    }
}

/// The folders of cases, as trybuild wants them: relative to the manifest.
fn folders() -> Vec<PathBuf> {
    let all = fs::read_dir("cases").expect("the folder of cases is there");
    let entries = all.map(|entry| entry.expect("an entry can be read").path());
    entries.filter(|path| path.is_dir()).collect()
}

fn sources() -> Vec<PathBuf> {
    let files = |folder: &Path| {
        fs::read_dir(folder).expect("a folder can be read").map(|entry| entry.expect("readable").path())
    };
    folders()
        .iter()
        .flat_map(|folder| files(folder).collect::<Vec<_>>())
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .collect()
}
