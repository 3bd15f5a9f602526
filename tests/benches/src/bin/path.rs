//! Runs one path a number of times, for `callgrind` to count: `path NAME TIMES`.

use std::hint::black_box;

use session_benches::door::{self, By, Door};
use session_benches::payload::Shopper;
use session_runtime::testing::vault::Vault;
use session_runtime::{NoData, Sessions};

const USER: &str = "user-1e6f0c2ab7";

fn main() {
    let mut args = std::env::args().skip(1);
    let path = args.next().expect("a path");
    let times: u32 = args.next().and_then(|times| times.parse().ok()).expect("how often");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut run = runtime.block_on(path_of(&path));
    for _ in 0..times {
        run();
    }
}

async fn path_of(name: &str) -> Box<dyn FnMut()> {
    let (warm, cold) = (door::sessions(4096).await, door::sessions(0).await);
    let token = door::token(&warm, USER).await;
    let asks = |sessions: &Sessions, by, path| {
        let door = Door::new(door::protected(sessions), Some((by, token.as_str())));
        move || assert_eq!(door.ask(path), 200)
    };
    match name {
        "verify" | "mint" => of_vault(name),
        "again" => {
            let token = token.clone();
            Box::new(move || drop(black_box(warm.verify::<Shopper, NoData>(black_box(&token)).expect("good"))))
        }
        "bare" => {
            let door = Door::new(door::bare(), Some((By::Cookie, &token)));
            Box::new(move || assert_eq!(door.ask("/open"), 200))
        }
        "bare, header" => {
            let door = Door::new(door::bare(), Some((By::Header, &token)));
            Box::new(move || assert_eq!(door.ask("/open"), 200))
        }
        "idle" => {
            let door = Door::new(door::idle(), Some((By::Cookie, &token)));
            Box::new(move || assert_eq!(door.ask("/open"), 200))
        }
        "open" => Box::new(asks(&warm, By::Cookie, "/open")),
        "cookie" => Box::new(asks(&warm, By::Cookie, "/me")),
        "header" => Box::new(asks(&warm, By::Header, "/me")),
        "cold" => Box::new(asks(&cold, By::Cookie, "/me")),
        other => panic!("{other:?} is no path"),
    }
}

fn of_vault(name: &str) -> Box<dyn FnMut()> {
    let vault = Vault::new(USER, &Shopper::example()).expect("a user id");
    let token = vault.issue();
    match name {
        "verify" => Box::new(move || drop(black_box(vault.verify::<Shopper>(black_box(&token))))),
        _ => Box::new(move || drop(black_box(vault.issue()))),
    }
}
