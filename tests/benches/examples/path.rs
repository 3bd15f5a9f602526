//! Runs one token path a number of times, for `callgrind` to count: `path NAME TIMES`.

use std::hint::black_box;

use session_benches::payload::Shopper;
use session_runtime::testing::vault::Vault;

fn main() {
    let mut args = std::env::args().skip(1);
    let path = args.next().expect("a path");
    let times: u32 = args.next().and_then(|times| times.parse().ok()).expect("how often");
    let vault = Vault::new("user-1e6f0c2ab7", &Shopper::example()).expect("a user id");
    let token = vault.issue();
    for _ in 0..times {
        match path.as_str() {
            "verify" => drop(black_box(vault.verify::<Shopper>(black_box(&token)))),
            "mint" => drop(black_box(vault.issue())),
            other => panic!("{other:?} is no path"),
        }
    }
}
