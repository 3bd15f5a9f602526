//! What the layer and the extractor add to a request, without a server: routes are called as one calls them, beside those of bare axum.

use std::hint::black_box;

use session_benches::door::{self, By, Door};
use session_benches::{Effort, Race, Table};

fn main() {
    let effort = Effort::from_args();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (warm, cold) = runtime.block_on(async { (door::sessions(4096).await, door::sessions(0).await) });
    let token = runtime.block_on(door::token(&warm, "user-1e6f0c2ab7"));
    let door = |app, by| Door::new(app, Some((by, token.as_str())));

    let (bare, bare_with_header) = (door(door::bare(), By::Cookie), door(door::bare(), By::Header));
    let idle = door(door::idle(), By::Cookie);
    let (cookie, header) = (door(door::protected(&warm), By::Cookie), door(door::protected(&warm), By::Header));
    let (unknown_cookie, unknown_header) =
        (door(door::protected(&cold), By::Cookie), door(door::protected(&cold), By::Header));
    let figures = Race::default()
        .with("bare", || bare.ask("/open"))
        .with("bare, header", || bare_with_header.ask("/open"))
        .with("idle", || idle.ask("/open"))
        .with("open", || cookie.ask("/open"))
        .with("cookie", || cookie.ask("/me"))
        .with("header", || header.ask("/me"))
        .with("unknown cookie", || unknown_cookie.ask("/me"))
        .with("unknown header", || unknown_header.ask("/me"))
        .run(effort);

    let asks: [(_, &(dyn Fn() + Sync)); 4] = [
        ("bare", &|| _ = black_box(bare.ask("/open"))),
        ("idle", &|| _ = black_box(idle.ask("/open"))),
        ("open", &|| _ = black_box(cookie.ask("/open"))),
        ("cookie", &|| _ = black_box(cookie.ask("/me"))),
    ];
    let race = asks.iter().fold(Race::default(), |race, (name, ask)| race.with(name, ask));
    let crowded = race.run_beside(effort, &asks.map(|(_, ask)| ask));

    let table = Table::begin();
    let added = |what, name, less, most| table.nanos(what, figures.difference(name, less), most);
    added("added by a layer that does nothing", "idle", "bare", 200.0);
    added("added to a route that takes no session", "open", "bare", 200.0);
    added("added to a session by cookie, its token known", "cookie", "bare", 1000.0);
    added("added to a session by header, its token known", "header", "bare, header", 1000.0);
    added("added to a session by cookie, nothing remembered", "unknown cookie", "bare", 4000.0);
    added("added to a session by header, nothing remembered", "unknown header", "bare, header", 4000.0);
    let added = |what, name, most| table.nanos(what, crowded.difference(name, "bare"), most);
    added("the same, while another thread asks too: by a layer that does nothing", "idle", 200.0);
    added("to a route that takes no session", "open", 200.0);
    added("to a session by cookie, its token known", "cookie", 1000.0);
}
