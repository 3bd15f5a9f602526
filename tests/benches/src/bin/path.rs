//! Takes one path a number of times, for callgrind to count: `path NAME TIMES`. `tests/tests/it/instructions.rs` says how, and holds
//! the counts.

use std::cell::Cell;
use std::hint::black_box;

use http::StatusCode;
use session_benches::door::{self, By, Door};
use session_benches::payload::Shopper;
use session_runtime::testing::vault::Vault;
use session_runtime::{NoData, Sessions};

const USER: &str = "user-1e6f0c2ab7";

/// So often before it counts: what is allocated, remembered or looked up once is there by then.
const WARM_UP: u32 = 16;

/// As many tokens in use as half of those that are remembered by default.
const MANY: usize = 4096;

fn main() {
    let mut args = std::env::args().skip(1);
    let path = args.next().expect("a path");
    let times: u32 = args.next().and_then(|times| times.parse().ok()).expect("how often");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let run = runtime.block_on(path_of(&path));
    (0..WARM_UP).for_each(|_| run());
    counted(&*run, times);
}

/// Callgrind counts while this function runs, in the thread that runs it.
#[inline(never)]
fn counted(run: &dyn Fn(), times: u32) {
    for _ in 0..times {
        run();
    }
}

async fn path_of(name: &str) -> Box<dyn Fn()> {
    if let Some(path) = of_vault(name) {
        return path;
    }
    // Nothing more is made than the path needs: under callgrind it takes seconds.
    let remembered = match name {
        "unknown" => 0,
        "many" => 2 * MANY,
        _ => 4096,
    };
    let sessions = door::sessions(remembered).await;
    if name == "many" {
        return many(sessions);
    }
    let token = door::token(&sessions, USER).await;
    match name {
        "bare" => asks(Door::new(door::bare(), Some((By::Cookie, &token))), "/open"),
        "idle" => asks(Door::new(door::idle(), Some((By::Cookie, &token))), "/open"),
        "open" => asks(protected(&sessions, By::Cookie, &token), "/open"),
        "cookie" | "unknown" => asks(protected(&sessions, By::Cookie, &token), "/me"),
        "header" => asks(protected(&sessions, By::Header, &token), "/me"),
        "again" => Box::new(move || {
            let session = sessions.verify::<Shopper, NoData>(black_box(&token));
            assert!(black_box(session).is_ok(), "the token is good");
        }),
        other => panic!("{other:?} is no path"),
    }
}

/// One of many tokens after the other, for the processor's caches: each is known, and none was used a moment ago.
fn many(sessions: Sessions) -> Box<dyn Fn()> {
    let token = |number| Vault::new(&format!("{USER}{number}"), &Shopper::example()).expect("a user id").issue();
    let tokens: Vec<String> = (0..MANY).map(token).collect();
    let next = Cell::new(0);
    let verify = move || {
        let token = tokens.get(next.replace((next.get() + 1) % MANY)).expect("a token");
        assert!(black_box(sessions.verify::<Shopper, NoData>(black_box(token))).is_ok(), "the token is good");
    };
    (0..MANY).for_each(|_| verify());
    Box::new(verify)
}

fn protected(sessions: &Sessions, by: By, token: &str) -> Door {
    Door::new(door::protected(sessions), Some((by, token)))
}

fn asks(door: Door, path: &'static str) -> Box<dyn Fn()> {
    Box::new(move || assert_eq!(door.ask(path), StatusCode::OK))
}

fn of_vault(name: &str) -> Option<Box<dyn Fn()>> {
    let vault = Vault::new(USER, &Shopper::example()).expect("a user id");
    let (token, refresh) = (vault.issue(), vault.refresh_token());
    Some(match name {
        "verify" => Box::new(move || assert!(black_box(vault.verify::<Shopper>(black_box(&token))).is_some())),
        "mint" => Box::new(move || drop(black_box(vault.issue()))),
        "refresh" => Box::new(move || assert!(black_box(vault.open_refresh_token(black_box(&refresh))).is_some())),
        _ => return None,
    })
}
