//! What does not compile, and in which words: `cases`, one folder per kind of mistake. What does compile: `accepted`.
//!
//! The texts are those of the compiler in `rust-toolchain.toml`. After a change of wording,
//! `TRYBUILD=overwrite cargo test -p session-ui` writes them anew; read the difference before committing it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// They are only checked, which trybuild does for all of them at once. One that must be built would have it build all that they depend on, and
/// each of them by itself.
#[test]
fn derives_explain_what_is_not_right() {
    let cases = trybuild::TestCases::new();
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

/// A file that no one names is not built.
#[test]
fn what_is_accepted_is_built() {
    let text = fs::read_to_string("accepted/main.rs").expect("their list");
    for file in fs::read_dir("accepted").expect("their folder") {
        let path = file.expect("an entry can be read").path();
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a name").to_owned();
        // The list itself, and a target of its own.
        let is_another = ["main", "strict_crate"].contains(&&*name);
        assert!(is_another || text.contains(&format!("mod {name};")), "{name} is not built");
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
