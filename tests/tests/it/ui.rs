//! What compiles and what does not, and in which words: `tests/ui`, one folder per kind of mistake.
//!
//! The texts are those of the compiler in `rust-toolchain.toml`. After a change of wording,
//! `TRYBUILD=overwrite cargo test -p session-tests ui` writes them anew; read the difference before committing it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn derives_accept_what_is_right_and_explain_what_is_not() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
    for folder in folders() {
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

/// The folders of mistakes, as trybuild wants them: relative to the manifest.
fn folders() -> Vec<PathBuf> {
    let all = fs::read_dir("ui").expect("the folder of cases is there");
    let folders = all.map(|entry| entry.expect("an entry can be read").path());
    folders.filter(|path| path.is_dir() && !path.ends_with("pass")).collect()
}

fn sources() -> Vec<PathBuf> {
    let files = |folder: &Path| {
        fs::read_dir(folder).expect("a folder can be read").map(|entry| entry.expect("readable").path())
    };
    let all = folders().into_iter().chain([PathBuf::from("ui/pass")]);
    all.flat_map(|folder| files(&folder).collect::<Vec<_>>())
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .collect()
}
