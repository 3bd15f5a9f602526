//! Nodes whose clocks differ: by up to five seconds nobody notices, and by more the node says so when it starts.

use std::time::Duration;

use session_runtime::testing::ManualClock;
use session_runtime::{Session, SessionErrorKind, SystemClock, TimeProvider, Timestamp};
use session_tests::app::{App, Cart, Role, Shopper, fresh, policy, shopper};
use session_tests::engine::Engine;
use session_tests::log::Log;

const SECOND: Duration = Duration::from_secs(1);
const LIFETIME: Duration = Duration::from_secs(60);

/// Two nodes on one database, the second of which is five seconds ahead.
struct Pair {
    nodes: [App; 2],
    _database: Option<session_tests::engine::Database>,
}

impl Pair {
    async fn new() -> Self {
        let (connection, database) = fresh().await;
        let ahead = ManualClock::default();
        ahead.advance(5 * SECOND);
        let policy = || policy().access_token_lifetime(LIFETIME);
        let nodes = [
            App::on(connection.clone(), policy(), ManualClock::default()).await,
            App::on(connection, policy(), ahead).await,
        ];
        Self { nodes, _database: database }
    }

    fn pass(&self, time: Duration) {
        for node in &self.nodes {
            node.clock.advance(time);
        }
    }
}

async fn signed_in(node: &App) -> (String, String) {
    let session: Session<Shopper, Cart> =
        node.sessions.create_new_session("ada", shopper(Role::Customer), Cart::default()).await.expect("a session");
    let tokens = session.tokens().expect("tokens");
    (tokens.access_token().to_owned(), tokens.refresh_token().expect("a refresh token").to_owned())
}

fn verify(node: &App, token: &str) -> Result<(), SessionErrorKind> {
    node.sessions.verify::<Shopper, Cart>(token).map(drop).map_err(|error| error.kind())
}

#[tokio::test]
async fn a_token_of_one_node_is_good_on_the_other_at_once_and_no_longer_than_the_skew() {
    let pair = Pair::new().await;
    for (here, there) in [(0, 1), (1, 0)] {
        let (token, _) = signed_in(&pair.nodes[here]).await;
        for node in &pair.nodes {
            verify(node, &token).expect("good at once");
        }
        pair.pass(LIFETIME - 6 * SECOND);
        for node in &pair.nodes {
            verify(node, &token).expect("good as long as it should be, less the skew");
        }
        pair.pass(6 * SECOND);
        assert_eq!(verify(&pair.nodes[here], &token).unwrap_err(), SessionErrorKind::TryRefreshToken);
        pair.pass(5 * SECOND);
        assert_eq!(verify(&pair.nodes[there], &token).unwrap_err(), SessionErrorKind::TryRefreshToken);
    }
}

#[tokio::test]
async fn tabs_that_race_on_both_nodes_stay_signed_in() {
    let pair = Pair::new().await;
    for (here, there) in [(0, 1), (1, 0)] {
        let (_, mut refresh) = signed_in(&pair.nodes[here]).await;
        for _ in 0..5 {
            pair.pass(LIFETIME);
            let first = pair.nodes[here].sessions.refresh_session(&refresh).await.expect("a refresh");
            let access = first.tokens().access_token();
            verify(&pair.nodes[there], access).expect("the successor is used");
            pair.nodes[there].sessions.flush_notes().await.expect("and that is written");
            pair.pass(4 * SECOND);
            let second = pair.nodes[there].sessions.refresh_session(&refresh).await.expect("the other tab");
            let next = second.tokens().refresh_token().expect("a token");
            assert_eq!(Some(next), first.tokens().refresh_token(), "one generation for both");
            refresh = next.to_owned();
        }
    }
}

#[tokio::test]
async fn a_session_that_was_revoked_on_one_node_is_over_on_the_other() {
    let pair = Pair::new().await;
    for (here, there) in [(0, 1), (1, 0)] {
        let (token, refresh) = signed_in(&pair.nodes[here]).await;
        pair.nodes[there].sessions.revoke_all_sessions_for_user("ada").await.expect("a revocation");
        pair.nodes[here].sessions.read_revocations().await.expect("a look");
        for node in &pair.nodes {
            assert_eq!(verify(node, &token).unwrap_err(), SessionErrorKind::Unauthorised);
            let refused = node.sessions.refresh_session(&refresh).await.expect_err("over");
            assert_eq!(refused.kind(), SessionErrorKind::Unauthorised);
        }
        // And who signs in after it is in, whichever clock made the session.
        let (token, _) = signed_in(&pair.nodes[here]).await;
        verify(&pair.nodes[there], &token).expect("a new session");
    }
}

/// How far a coarse clock may be behind.
const TICK: Duration = Duration::from_millis(10);

/// A clock whose coarse time is that far behind.
struct Ticking(ManualClock);

impl TimeProvider for Ticking {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn now_coarse(&self) -> Timestamp {
        self.0.now().before(TICK)
    }
}

#[tokio::test]
async fn requests_that_are_a_tick_behind_take_nothing_from_anybody() {
    let (connection, _database) = fresh().await;
    let clock = ManualClock::default();
    let app = App::built(connection, policy().access_token_lifetime(LIFETIME), clock.clone(), |builder| {
        builder.clock(Ticking(clock.clone()))
    });
    let app = app.await;
    let (token, refresh) = signed_in(&app).await;
    verify(&app, &token).expect("good at once");
    app.sessions.close().await.expect("the notes are written");
    let listed = &app.sessions.list_sessions("ada").await.expect("a list")[0];
    assert_eq!(listed.last_seen_at(), listed.created_at(), "nobody is seen before they came");

    clock.advance(LIFETIME + TICK - Duration::from_millis(1));
    verify(&app, &token).expect("a tick longer");
    clock.advance(Duration::from_millis(1));
    assert_eq!(verify(&app, &token), Err(SessionErrorKind::TryRefreshToken));
    assert!(app.sessions.refresh_session(&refresh).await.is_ok());
}

/// The operating system's clock, so many seconds off.
struct Off(i64);

impl TimeProvider for Off {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(SystemClock.now().as_millis() + self.0 * 1000)
    }
}

#[tokio::test]
async fn a_clock_that_differs_from_the_databases_is_warned_of_at_the_start() {
    // SQLite has no clock but ours.
    let is_apart = Engine::of_this_test() != Engine::Sqlite;
    for (off, direction) in [(-60, Some("behind")), (0, None), (3, None), (60, Some("ahead of"))] {
        let (connection, _database) = fresh().await;
        let (log, recording) = Log::record();
        App::built(connection, policy(), ManualClock::default(), |builder| builder.clock(Off(off))).await;
        drop(recording);
        let warning = direction.map(|direction| format!("this node's clock is {direction} the database's"));
        let warned = warning.is_some_and(|warning| log.text().contains(&warning));
        assert_eq!(warned, direction.is_some() && is_apart, "{off} s: {}", log.text());
        assert_eq!(log.text().contains("this node's clock"), warned, "{off} s");
    }
}
