//! What a session costs a server: bare axum beside ours and beside others, each in a process of its own, asked over 64 connections that are
//! kept open. The servers take turns, on the same processors, and whoever asks runs there too.
//!
//! `cargo bench -p session-benches --bench http`, or with `-- --quick` for a minute; with `-- --wrk` it is wrk that asks.
//! Linux, since a server's time is read from `/proc`.

#![allow(clippy::print_stdout, reason = "a table is what it is for")]
#![allow(clippy::disallowed_methods, reason = "measuring is reading the time")]

mod client;
mod peers;
mod server;

use std::time::Duration;

use client::{Asker, Server, Turn};
use server::Kind;

/// What is measured: a server, what it is compared with, and what it may add to that at most, in microseconds.
struct Contender {
    what: &'static str,
    kind: Kind,
    baseline: Kind,
    most: Option<f64>,
}

const fn contender(what: &'static str, kind: Kind, baseline: Kind, most: Option<f64>) -> Contender {
    Contender { what, kind, baseline, most }
}

const CONTENDERS: [Contender; 11] = [
    contender("bare axum", Kind::Bare, Kind::Bare, None),
    contender("bare axum, tokens in a header", Kind::BareHeader, Kind::Bare, None),
    contender("a layer that does nothing", Kind::Idle, Kind::Bare, None),
    contender("ours, a route without a session", Kind::Open, Kind::Bare, Some(0.2)),
    contender("ours, by cookie, token known", Kind::Cookie, Kind::Bare, Some(1.0)),
    contender("ours, by header, token known", Kind::Header, Kind::BareHeader, Some(1.0)),
    contender("ours, by cookie, nothing remembered", Kind::UnknownCookie, Kind::Bare, Some(4.0)),
    contender("ours, by header, nothing remembered", Kind::UnknownHeader, Kind::BareHeader, Some(4.0)),
    contender("jsonwebtoken in a middleware", Kind::JsonWebToken, Kind::BareHeader, None),
    contender("tower-sessions in memory", Kind::TowerSessions, Kind::Bare, None),
    contender("tower-sessions on SQLite", Kind::TowerSessionsSqlite, Kind::Bare, None),
];

fn main() {
    let mut args = std::env::args().skip(1);
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    match args.next().as_deref() {
        Some("serve") => runtime.block_on(server::serve(&args.next().expect("what to serve"))),
        first => {
            let options: Vec<String> = first.map(str::to_owned).into_iter().chain(args).collect();
            let has = |option: &str| options.iter().any(|found| found == option);
            let (rounds, turn) = if has("--quick") { (7, 600) } else { (11, 2000) };
            let asker = if has("--wrk") { Asker::Wrk } else { Asker::Own };
            let turns = runtime.block_on(race(rounds, Duration::from_millis(turn), asker));
            print(&turns);
        }
    }
}

/// The turns of each contender.
async fn race(rounds: usize, turn: Duration, asker: Asker) -> Vec<Vec<Turn>> {
    let mut servers = Vec::new();
    for contender in &CONTENDERS {
        servers.push(Server::start(contender.kind).await);
    }
    let mut turns: Vec<Vec<Turn>> = CONTENDERS.iter().map(|_| Vec::new()).collect();
    for round in 0..rounds {
        for place in 0..servers.len() {
            // Each round begins with another.
            let index = (round + place) % servers.len();
            if let (Some(server), Some(turns)) = (servers.get_mut(index), turns.get_mut(index)) {
                turns.push(server.ask_for(turn, asker).await);
            }
        }
    }
    turns
}

fn print(turns: &[Vec<Turn>]) {
    println!("| what | CPU a request, µs | added, µs | requests a second | of bare | goal, µs | met |");
    println!("|---|---:|---:|---:|---:|---:|---|");
    let of = |kind: Kind| {
        let index = CONTENDERS.iter().position(|contender| contender.kind == kind);
        index.and_then(|index| turns.get(index)).map(Vec::as_slice).unwrap_or_default()
    };
    for Contender { what, kind, baseline, most } in &CONTENDERS {
        let (ours, bare) = (of(*kind), of(*baseline));
        let added = median(ours.iter().zip(bare).map(|(ours, bare)| ours.micros - bare.micros));
        let share = median(ours.iter().zip(bare).map(|(ours, bare)| ours.per_second / bare.per_second));
        let (micros, per_second) =
            (median(ours.iter().map(|turn| turn.micros)), median(ours.iter().map(|turn| turn.per_second)));
        let goal = most.map_or(String::new(), |most| format!("≤ {most:.1}"));
        let met = most.map_or("", |most| if added <= most { "yes" } else { "no" });
        println!("| {what} | {micros:.2} | {added:+.2} | {per_second:.0} | {share:.2} | {goal} | {met} |");
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
