//! How many instructions the paths take that every request takes, held to what `tests/benches/instructions.txt` says, within 3 %: time
//! differs from run to run, these do not.
//!
//! What is counted is this program's own code, once it has warmed up, in the thread that runs it. Left out are SHA-256, which a processor
//! with the instructions for it does in a tenth of what callgrind counts, since callgrind's processor has none, whatever the machine's has;
//! and the C library, whose copying and allocating differ between versions. What is left depends on the compiler, which is pinned, and on
//! AVX2: callgrind has it where the machine has it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

const BUDGET: &str = "benches/instructions.txt";

/// How often each path runs; the count is divided by it.
const TIMES: u64 = 200;

#[test]
#[cfg_attr(not(has_valgrind), ignore = "needs valgrind on x86-64: apt-get install valgrind")]
fn no_path_takes_more_or_fewer_instructions_than_its_budget_says() {
    assert!(has_avx2(), "the counts are those of a processor with AVX2");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(BUDGET);
    let text = std::fs::read_to_string(&file).expect("the budget");
    let program = build();
    let mut wrong = Vec::new();
    let mut found = String::new();
    for line in text.lines() {
        let Some((name, budget)) = entry(line) else {
            found += &format!("{line}\n");
            continue;
        };
        let count = count(&program, name);
        found += &format!("{name:<8} {count:>5}\n");
        if count.abs_diff(budget) * 100 > budget * 3 {
            wrong.push(format!("{name} takes {count}, its budget is {budget}"));
        }
    }
    println!("{found}");
    assert!(wrong.is_empty(), "{wrong:#?}\nwhere that is meant, {BUDGET} becomes:\n{found}");
}

fn entry(line: &str) -> Option<(&str, u64)> {
    let (name, budget) = line.split_once(' ').filter(|(name, _)| *name != "#")?;
    Some((name, budget.trim().parse().expect("a number")))
}

#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2")
}

#[cfg(not(target_arch = "x86_64"))]
fn has_avx2() -> bool {
    false
}

/// The program that takes the paths, built as a release is, but for the database.
fn build() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target directory");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--quiet", "--locked", "--profile", "counted", "-p", "session-benches", "--bin", "path"])
        .arg("--target-dir")
        .arg(target)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .status();
    assert!(status.expect("cargo runs").success(), "the program is built");
    target.join("counted/path")
}

fn count(program: &Path, name: &str) -> u64 {
    let folder = tempfile::tempdir().expect("a folder");
    let profile = folder.path().join("profile");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--toggle-collect=path::counted"])
        .arg(format!("--callgrind-out-file={}", profile.display()))
        .arg(program)
        .args([name, &TIMES.to_string()])
        .output();
    let output = output.expect("valgrind runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let profile = std::fs::read_to_string(profile).expect("a profile");
    Profile::default().instructions_of(program, &profile) / TIMES
}

/// What is read of a profile (Callgrind Format Specification, version 1).
#[derive(Default)]
struct Profile<'a> {
    /// Names are written once, and are numbers from then on.
    functions: HashMap<&'a str, &'a str>,
    objects: HashMap<&'a str, &'a str>,
}

impl<'a> Profile<'a> {
    fn instructions_of(mut self, program: &Path, text: &'a str) -> u64 {
        let mut total = 0;
        let (mut is_program, mut is_hash, mut is_of_callee) = (false, false, false);
        for line in text.lines() {
            match line.split_once('=').unwrap_or_default() {
                ("ob", object) => is_program = Path::new(name(&mut self.objects, object)) == program,
                ("fn", function) => is_hash = name(&mut self.functions, function).starts_with("sha2::"),
                // They may be named here for the first time.
                ("cob", object) => drop(name(&mut self.objects, object)),
                ("cfn", function) => drop(name(&mut self.functions, function)),
                ("calls", _) => is_of_callee = true,
                _ => {
                    let cost = cost(line).filter(|_| is_program && !is_hash);
                    total += cost.filter(|_| !is_of_callee).unwrap_or(0);
                    is_of_callee = false;
                }
            }
        }
        total
    }
}

/// What a line of numbers says: a position, which may be relative, and instructions.
fn cost(line: &str) -> Option<u64> {
    let (position, cost) = line.split_once(' ')?;
    position.starts_with(|c: char| c.is_ascii_digit() || "+-*".contains(c)).then(|| cost.parse().ok())?
}

fn name<'a>(known: &mut HashMap<&'a str, &'a str>, value: &'a str) -> &'a str {
    let (number, name) = value.split_once(' ').unwrap_or((value, ""));
    if name.is_empty() { known.get(number).copied().unwrap_or_default() } else { known.entry(number).or_insert(name) }
}
