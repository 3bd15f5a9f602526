//! Connections that are kept between statements: a dead one costs no request, an answer that was lost is asked for again where that is
//! safe, transactions get their share, and a store may be dropped anywhere.

use std::num::NonZeroU32;
use std::time::Duration;

use sea_orm::{SqliteTransactionMode, TransactionOptions, TransactionTrait};
use session_runtime::{FeedDelivery, Keys, Session, SessionErrorKind, Sessions};
use session_tests::app::{Cart, Role, SECRETS, Shopper, policy, refresh_token, shopper};
use session_tests::engine::{Database, Engine, Server, connect};
use session_tests::tunnel::Tunnel;
use session_tests::{on_each_engine, on_each_server};
use tokio::runtime::Builder;
use tokio::task::JoinSet;
use tokio::time::timeout;

on_each_server! {
    a_server_that_was_restarted_costs_no_request
    a_row_whose_answer_was_lost_is_there_once
    sixty_four_rows_of_which_some_answer_was_lost_are_there_once
    a_refresh_whose_answer_was_lost_goes_on
    a_write_of_data_whose_answer_was_lost_is_not_done_twice
}

on_each_engine! {
    transactions_get_connections_while_statements_have_them
    transactions_get_connections_that_statements_left_behind
}

/// Nothing is sent by itself, so that what is lost is the answer that is meant.
async fn node(url: &str) -> Sessions {
    node_of(url, None).await
}

async fn node_of(url: &str, connections: Option<u32>) -> Sessions {
    let long = Duration::from_secs(60);
    let policy =
        policy().feed_interval(long).notes_interval(Duration::from_secs(20)).feed_delivery(FeedDelivery::Polled);
    let keys = Keys::from_secrets(SECRETS).expect("secrets");
    let builder = Sessions::builder(policy.build().expect("a policy"), keys);
    let builder = match connections.and_then(NonZeroU32::new) {
        Some(connections) => builder.max_connections(connections),
        None => builder,
    };
    builder.connect(url).await.expect("sessions")
}

async fn signed_in(sessions: &Sessions, user: &str) -> Result<Session<Shopper, Cart>, SessionErrorKind> {
    let created = sessions.create_new_session(user, shopper(Role::Customer), Cart::default()).await;
    created.map_err(|error| error.kind())
}

async fn refreshed(sessions: &Sessions, token: &str) -> Result<String, SessionErrorKind> {
    let refreshed = sessions.refresh_session(token).await.map_err(|error| error.kind())?;
    Ok(refreshed.tokens().refresh_token().expect("a token").to_owned())
}

/// As many at once as it takes for a few connections to be kept.
async fn all_at_once(sessions: &Sessions, tokens: Vec<String>) -> Vec<String> {
    let mut running = JoinSet::new();
    for token in tokens {
        let sessions = sessions.clone();
        running.spawn(async move {
            let _session = signed_in(&sessions, "eve").await.expect("a sign-in");
            refreshed(&sessions, &token).await.expect("a refresh")
        });
    }
    running.join_all().await
}

async fn a_server_that_was_restarted_costs_no_request(mut server: Server) {
    let database = server.fresh_database().await;
    let sessions = node(&database.url_on(&server)).await;
    let mut tokens = Vec::new();
    for _ in 0..12 {
        tokens.push(refresh_token(&signed_in(&sessions, "ada").await.expect("a session")));
    }
    for _ in 0..3 {
        tokens = all_at_once(&sessions, tokens).await;
        server.kill();
        server.restart().await;
    }
    assert_eq!(sessions.list_sessions("eve").await.expect("a list").len(), 36, "each sign-in is there once");
}

async fn a_row_whose_answer_was_lost_is_there_once(server: Server) {
    let (database, tunnel) = (server.fresh_database().await, Tunnel::to(&server).await);
    let sessions = node(&tunnel.url(&database, &server)).await;
    let _warm = signed_in(&sessions, "ada").await.expect("a session");
    tunnel.lose_answer(1);
    let session = signed_in(&sessions, "ada").await.expect("a session");
    assert!(tunnel.has_lost_it());
    assert_eq!(sessions.list_sessions("ada").await.expect("a list").len(), 2);
    assert!(sessions.data::<Cart>(session.handle()).await.expect("a look").is_some(), "it is stored");
}

/// Alone or together, whichever answer it was.
async fn sixty_four_rows_of_which_some_answer_was_lost_are_there_once(server: Server) {
    let (database, tunnel) = (server.fresh_database().await, Tunnel::to(&server).await);
    let sessions = node(&tunnel.url(&database, &server)).await;
    for round in 1..=8 {
        let mut running = JoinSet::new();
        for _ in 0..64 {
            let sessions = sessions.clone();
            running.spawn(async move { signed_in(&sessions, "ada").await.map(drop) });
        }
        tunnel.lose_answer(3 * round);
        assert_eq!(running.join_all().await, [Ok(()); 64]);
        let there = sessions.count_sessions("ada").await.expect("a count");
        assert_eq!(there, 64 * u64::from(round));
    }
}

async fn a_refresh_whose_answer_was_lost_goes_on(server: Server) {
    let (database, tunnel) = (server.fresh_database().await, Tunnel::to(&server).await);
    let sessions = node(&tunnel.url(&database, &server)).await;
    let mut token = refresh_token(&signed_in(&sessions, "ada").await.expect("a session"));
    let answers = if server.engine() == Engine::MariaDb { 2 } else { 1 };
    for nth in 1..=answers {
        token = refreshed(&sessions, &token).await.expect("a refresh");
        tunnel.lose_answer(nth);
        token = refreshed(&sessions, &token).await.expect("a refresh");
        assert!(tunnel.has_lost_it(), "answer {nth}");
        token = refreshed(&sessions, &token).await.expect("and the next");
    }
    assert_eq!(sessions.list_sessions("ada").await.expect("a list").len(), 1, "no theft was seen");
}

async fn a_write_of_data_whose_answer_was_lost_is_not_done_twice(server: Server) {
    let (database, tunnel) = (server.fresh_database().await, Tunnel::to(&server).await);
    let sessions = node(&tunnel.url(&database, &server)).await;
    let session = signed_in(&sessions, "ada").await.expect("a session");
    session.update_data(|cart| cart.items.push(1)).await.expect("a write");
    let mut edit = session.edit_data().await.expect("data");
    edit.items.push(2);
    tunnel.lose_answer(1);
    let saved = edit.save().await.map_err(|error| error.kind());
    assert!(tunnel.has_lost_it());
    assert_eq!(saved.err(), Some(SessionErrorKind::Unavailable), "nobody knows whether it was done");
    assert_eq!(session.data().await.expect("data").items, [1, 2]);
}

/// Sign-ins, which are statements, and revocations, which are transactions, beside them, over pools of all kinds of sizes.
async fn transactions_get_connections_while_statements_have_them(database: Database) {
    for connections in [None, Some(1), Some(2), Some(3), Some(4), Some(5), Some(24)] {
        sign_in_and_out(&node_of(&database.url, connections).await).await;
    }
}

async fn sign_in_and_out(sessions: &Sessions) {
    let mut running = JoinSet::new();
    for user in 0..48 {
        let sessions = sessions.clone();
        running.spawn(async move {
            let user = format!("u{user}");
            for _ in 0..3 {
                let session = signed_in(&sessions, &user).await.expect("a session");
                assert!(sessions.revoke_session(session.handle()).await.expect("a revocation"));
            }
        });
    }
    running.join_all().await;
    assert_eq!(sessions.count_all().await.expect("a count"), 0);
}

/// First as many statements as there are connections, then nothing but transactions.
async fn transactions_get_connections_that_statements_left_behind(database: Database) {
    let sessions = node(&database.url).await;
    let mut running = JoinSet::new();
    for _ in 0..48 {
        let sessions = sessions.clone();
        running.spawn(async move { signed_in(&sessions, "ada").await.expect("a session") });
    }
    let signed_in = running.join_all().await;
    let mut running = JoinSet::new();
    for session in signed_in {
        let sessions = sessions.clone();
        running.spawn(async move { sessions.revoke_session(session.handle()).await.expect("a revocation") });
    }
    assert_eq!(running.join_all().await, [true; 48]);
}

/// The one connection that is not kept waits for another's lock, in vain for a while.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_waits_keeps_nobody_from_the_feed() {
    let database = Database::fresh(Engine::Sqlite).await;
    let sessions = node(&database.url).await;
    let session = signed_in(&sessions, "ada").await.expect("a session");
    let mut reads = JoinSet::new();
    for _ in 0..8 {
        let (sessions, handle) = (sessions.clone(), *session.handle());
        reads.spawn(async move { sessions.data::<Cart>(&handle).await.is_ok_and(|data| data.is_some()) });
    }
    assert_eq!(reads.join_all().await, [true; 8], "all that may be kept are");
    let immediate = Some(SqliteTransactionMode::Immediate);
    let options = TransactionOptions { sqlite_transaction_mode: immediate, ..TransactionOptions::default() };
    let lock = connect(&database.url).await.begin_with_options(options).await.expect("the lock");
    let (node, handle) = (sessions.clone(), *session.handle());
    let revoking = tokio::spawn(async move { node.revoke_session(&handle).await.map_err(|error| error.kind()) });
    for _ in 0..50 {
        timeout(Duration::from_secs(2), sessions.read_revocations()).await.expect("in time").expect("a look");
        tokio::task::yield_now().await;
    }
    lock.rollback().await.expect("the lock's end");
    assert_eq!(revoking.await.expect("its end"), Ok(true));
}

#[test]
fn sessions_may_be_dropped_when_their_runtime_is_gone() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("sessions.db").display());
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let sessions = runtime.block_on(async {
        let sessions = node(&url).await;
        let _session = signed_in(&sessions, "ada").await.expect("a session");
        sessions
    });
    drop(runtime);
    drop(sessions);
}
