//! A database that is slow, hangs, or has no connection to spare: requests are answered within a bound, what waits is bounded, and
//! revocations are learnt all the same.

use std::time::Duration;

use sea_orm::{SqliteTransactionMode, TransactionOptions, TransactionTrait};
use session_runtime::{FeedDelivery, Keys, PolicyBuilder, Session, SessionErrorKind, Sessions};
use session_tests::app::{Cart, Role, SECRETS, Shopper, on_file, policy, refresh_token, shopper};
use session_tests::engine::{Database, Server, eventually};
use session_tests::on_each_server;
use session_tests::tunnel::Tunnel;
use tokio::task::JoinSet;

/// Short enough for a test, long enough for a server that is well.
const SHORT: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(60);

/// More than the library's pool has connections.
const MANY: usize = 25;

on_each_server! {
    connections_that_hang_without_a_word_are_given_up_and_replaced
    a_node_whose_connections_hang_still_learns_of_revocations
    what_a_standing_database_keeps_waiting_is_bounded_and_then_done
    a_full_pool_keeps_no_revocation_back
}

/// Looks at the feed when it is told to.
fn by_hand() -> PolicyBuilder {
    policy().feed_interval(LONG).notes_interval(Duration::from_secs(20)).feed_delivery(FeedDelivery::Polled)
}

async fn node(url: &str, policy: PolicyBuilder) -> Sessions {
    let keys = Keys::from_secrets(SECRETS).expect("secrets");
    Sessions::builder(policy.build().expect("a policy"), keys).connect(url).await.expect("sessions")
}

async fn signed_in(sessions: &Sessions) -> Session<Shopper, Cart> {
    sessions.create_new_session("ada", shopper(Role::Customer), Cart::default()).await.expect("a session")
}

fn verified(sessions: &Sessions, session: &Session<Shopper, Cart>) -> bool {
    sessions.verify::<Shopper, Cart>(session.tokens().expect("tokens").access_token()).is_ok()
}

type Outcome = Result<(), SessionErrorKind>;

/// As many clients refresh at once.
fn refreshing(sessions: &Sessions, tokens: &[String]) -> JoinSet<Outcome> {
    let mut clients = JoinSet::new();
    for token in tokens {
        let (sessions, token) = (sessions.clone(), token.clone());
        clients.spawn(async move { sessions.refresh_session(&token).await.map(drop).map_err(|error| error.kind()) });
    }
    clients
}

async fn connections_that_hang_without_a_word_are_given_up_and_replaced(server: Server) {
    let (database, tunnel) = (server.fresh_database().await, Tunnel::to(&server).await);
    let sessions = node(&tunnel.url(&database, &server), by_hand().database_timeout(SHORT)).await;
    let tokens: [_; MANY] = tokens_of(&sessions).await;
    let warm = refreshing(&sessions, &tokens).join_all().await;
    assert!(warm.iter().all(Result::is_ok), "{warm:?}");

    tunnel.vanish();
    let hung = refreshing(&sessions, &tokens).join_all().await;
    assert!(hung.contains(&Err(SessionErrorKind::Unavailable)), "{hung:?}");
    assert!(hung.iter().all(|outcome| matches!(outcome, Ok(()) | Err(SessionErrorKind::Unavailable))), "{hung:?}");
    // Nobody but the pool is waited for: it closes what does not answer.
    eventually("connections that work", async || {
        let outcomes = refreshing(&sessions, &tokens).join_all().await;
        outcomes.iter().all(Result::is_ok).then_some(())
    })
    .await;
}

async fn a_node_whose_connections_hang_still_learns_of_revocations(server: Server) {
    let (database, tunnel) = (server.fresh_database().await, Tunnel::to(&server).await);
    let here = node(&database.url_on(&server), by_hand()).await;
    let often = by_hand().feed_interval(Duration::from_millis(20)).database_timeout(SHORT);
    let there = node(&tunnel.url(&database, &server), often).await;
    let session = signed_in(&here).await;
    assert!(verified(&there, &session));
    tunnel.vanish();
    here.revoke_session(session.handle()).await.expect("a revocation");
    eventually("the revocation", async || (!verified(&there, &session)).then_some(())).await;
}

async fn what_a_standing_database_keeps_waiting_is_bounded_and_then_done(mut server: Server) {
    const PLACES: usize = 4;
    let database = server.fresh_database().await;
    let url = database.url_on(&server);
    let sessions = node(&url, by_hand().database_timeout(LONG).database_queue(PLACES)).await;
    let tokens: [_; MANY] = tokens_of(&sessions).await;
    let session = signed_in(&sessions).await;
    let standing = server.pause();
    let mut clients = refreshing(&sessions, &tokens);
    for _ in 0..MANY - PLACES {
        let turned_away = clients.join_next().await.expect("a client").expect("its end");
        assert_eq!(turned_away, Err(SessionErrorKind::Unavailable));
    }
    assert_eq!(clients.len(), PLACES, "the others wait");
    assert!(verified(&sessions, &session), "and verification asks nobody");
    drop(standing);
    assert_eq!(clients.join_all().await, [Ok(()); PLACES]);
    assert!(refreshing(&sessions, &tokens[..1]).join_all().await[0].is_ok(), "the places are free again");
}

async fn a_full_pool_keeps_no_revocation_back(server: Server) {
    let database: Database = server.fresh_database().await;
    let here = node(&database.url_on(&server), by_hand()).await;
    let pool = database.connect().await;
    let limits = by_hand().database_timeout(SHORT).build().expect("a policy");
    let keys = Keys::from_secrets(SECRETS).expect("secrets");
    let there = Sessions::builder(limits, keys).with_connection(pool.clone()).await.expect("sessions");
    let (kept, ended) = (signed_in(&here).await, signed_in(&here).await);
    let mut taken = Vec::new();
    // As many as `Database::connect` allows.
    for _ in 0..4 {
        taken.push(pool.begin().await.expect("a transaction"));
    }
    let refused = refreshing(&there, &[refresh_token(&kept)]).join_all().await;
    assert_eq!(refused, [Err(SessionErrorKind::Unavailable)], "no connection is to be had");
    here.revoke_session(ended.handle()).await.expect("a revocation");
    there.read_revocations().await.expect("a connection beside the pool");
    assert!(!verified(&there, &ended));
    drop(taken);
    assert_eq!(refreshing(&there, &[refresh_token(&kept)]).join_all().await, [Ok(())]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_file_keeps_a_bounded_number_waiting() {
    const PLACES: usize = 2;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("sessions.db");
    let url = format!("sqlite://{}", file.display());
    let sessions = node(&url, by_hand().database_timeout(LONG).database_queue(PLACES)).await;
    let tokens: [_; 6] = tokens_of(&sessions).await;
    let immediate = Some(SqliteTransactionMode::Immediate);
    let options = TransactionOptions { sqlite_transaction_mode: immediate, ..Default::default() };
    let other = on_file(&file).await;
    let lock = other.begin_with_options(options).await.expect("the lock");
    let mut clients = refreshing(&sessions, &tokens);
    for _ in 0..tokens.len() - PLACES {
        assert_eq!(clients.join_next().await.expect("a client").expect("its end"), Err(SessionErrorKind::Unavailable));
    }
    lock.rollback().await.expect("the lock's end");
    assert_eq!(clients.join_all().await, [Ok(()); PLACES]);
}

/// The refresh tokens of new sessions.
async fn tokens_of<const N: usize>(sessions: &Sessions) -> [String; N] {
    let mut tokens = std::array::from_fn(|_| String::new());
    for token in &mut tokens {
        *token = refresh_token(&signed_in(sessions).await);
    }
    tokens
}

#[test]
fn limits_have_bounds() {
    for refused in [
        policy().database_timeout(Duration::ZERO),
        policy().database_timeout(LONG + Duration::from_millis(1)),
        policy().database_queue(0),
        policy().database_queue((1 << 20) + 1),
    ] {
        let error = refused.build().expect_err("a limit").to_string();
        assert!(error.contains("database_"), "{error}");
    }
}
