//! A replica that lagged is promoted: what it was never sent is lost, which is known of asynchronous replication. Nobody is taken for a
//! thief over it. On Galera nothing is lost, though a node may lag.

use std::time::Duration;

use sea_orm::{ConnectOptions, ConnectionTrait};
use session_runtime::testing::ManualClock;
use session_runtime::{Session, SessionErrorKind};
use session_tests::app::{App, Cart, Role, Shopper, policy, shopper};
use session_tests::engine::{Galera, Replicated, connect, eventually};
use session_tests::tunnel::Tunnel;

type Shop = Session<Shopper, Cart>;

async fn sign_in(app: &App, user: &str) -> (Shop, String, String) {
    let session: Shop =
        app.sessions.create_new_session(user, shopper(Role::Customer), Cart::default()).await.expect("a session");
    let tokens = session.tokens().expect("tokens");
    let (access, refresh) = (tokens.access_token().to_owned(), tokens.refresh_token().expect("a token").to_owned());
    (session, access, refresh)
}

async fn refreshed(app: &App, token: &str) -> Result<String, SessionErrorKind> {
    let refreshed = app.sessions.refresh_session(token).await.map_err(|error| error.kind())?;
    Ok(refreshed.tokens().refresh_token().expect("a token").to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(starts_postgres), ignore = "needs PostgreSQL: apt-get install -y postgresql")]
async fn a_lagging_replica_that_is_promoted_loses_what_it_lacks_and_convicts_nobody() {
    let mut servers = Replicated::start().await;
    let database = servers.primary.fresh_database().await;
    let clock = ManualClock::default();
    let before = App::on(database.connect().await, policy(), clock.clone()).await;
    let (session, _, first) = sign_in(&before, "ada").await;
    let (revoked, revoked_access, revoked_refresh) = sign_in(&before, "eve").await;
    session.update_data(|cart| cart.items.push(1)).await.expect("a write that is replicated");
    servers.caught_up().await;
    servers.cut_off().await;

    // Two rotations, a write, a sign-in and a revocation that only the primary has.
    let second = refreshed(&before, &first).await.expect("a refresh");
    let third = refreshed(&before, &second).await.expect("a refresh");
    session.update_data(|cart| cart.items.push(2)).await.expect("a write that is lost");
    let (_, lost_access, lost_refresh) = sign_in(&before, "grace").await;
    before.sessions.revoke_session(revoked.handle()).await.expect("a revocation");
    servers.primary.kill();
    servers.promote();

    let after = App::on(connect(&database.url_on(&servers.replica)).await, policy(), clock).await;
    let fourth = refreshed(&after, &third).await.expect("a token newer than the row moves the row forward");
    let fifth = refreshed(&after, &fourth).await.expect("and goes on from there");
    let held: Shop = after.sessions.verify(&revoked_access).expect("the revocation is lost as well: end it again");
    assert_eq!(held.user_id(), revoked.user_id());
    assert!(refreshed(&after, &revoked_refresh).await.is_ok());

    // What was never replicated is no session here, and no theft. Its access token is good until it ends, as any.
    assert!(after.sessions.verify::<Shopper, Cart>(&lost_access).is_ok());
    assert_eq!(refreshed(&after, &lost_refresh).await, Err(SessionErrorKind::Unauthorised));
    let found = after.sessions.data::<Cart>(session.handle()).await.expect("a read").expect("the session");
    assert_eq!(found.items, [1], "data are as the replica has them");

    // The node that heard of the revocation refuses still, and whoever comes with a token from before the last two is caught.
    assert!(before.sessions.verify::<Shopper, Cart>(&revoked_access).is_err());
    assert_eq!(refreshed(&after, &first).await, Err(SessionErrorKind::TokenTheft));
    assert_eq!(refreshed(&after, &fifth).await, Err(SessionErrorKind::Unauthorised), "and the session is over");
}

/// PostgreSQL notes its sequences ahead of time, 32 numbers at once: a replica that lacks such a note gives the same numbers out again.
const MORE_THAN_NOTED: usize = 40;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(starts_postgres), ignore = "needs PostgreSQL: apt-get install -y postgresql")]
async fn revocations_that_are_given_lost_numbers_again_reach_a_node_that_has_read_these() {
    let mut servers = Replicated::start().await;
    let database = servers.primary.fresh_database().await;
    let tunnel = Tunnel::to(&servers.primary).await;
    let app = async |url: String| App::on(connect(&url).await, policy(), ManualClock::default()).await;
    let before = app(database.url_on(&servers.primary)).await;
    let mut held = Vec::new();
    for _ in 0..2 * MORE_THAN_NOTED {
        held.push(sign_in(&before, "ada").await.0);
    }
    let (lost, kept) = held.split_at(MORE_THAN_NOTED);
    servers.caught_up().await;
    servers.cut_off().await;

    let reading = app(tunnel.url(&database, &servers.primary)).await;
    for session in lost {
        before.sessions.revoke_session(session.handle()).await.expect("a revocation that is lost");
    }
    reading.sessions.read_revocations().await.expect("a look");
    servers.primary.kill();
    servers.promote();
    tunnel.lead_to(&servers.replica);

    let after = app(database.url_on(&servers.replica)).await;
    for session in kept {
        after.sessions.revoke_session(session.handle()).await.expect("a revocation");
    }
    eventually("a look", async || reading.sessions.read_revocations().await.ok()).await;
    let is_good = |session: &&Shop| {
        let token = session.tokens().expect("tokens").access_token().to_owned();
        reading.sessions.verify::<Shopper, Cart>(&token).is_ok()
    };
    assert_eq!(kept.iter().filter(is_good).count(), 0, "revocations that the node has not heard of");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(starts_galera), ignore = "needs MariaDB and Galera: apt-get install -y mariadb-server galera-4")]
async fn a_galera_node_that_lags_knows_no_less_of_sessions_than_was_acknowledged() {
    let cluster = Galera::start().await;
    let database = cluster.nodes[0].fresh_database().await;
    let here = App::on(database.connect().await, policy(), ManualClock::default()).await;
    cluster.caught_up(1, 0).await;
    let url = database.url_on(&cluster.nodes[1]);
    let hasty = policy().database_timeout(Duration::from_millis(500));
    let there = App::on(connect(&url).await, hasty, ManualClock::default()).await;

    // What others commit is received, and not applied.
    let mut alone = ConnectOptions::new(&url);
    let brake = sea_orm::Database::connect(alone.max_connections(1).clone()).await.expect("a connection");
    brake.execute_unprepared("FLUSH TABLES WITH READ LOCK").await.expect("a lock");
    let (_, _, refresh) = sign_in(&here, "ada").await;
    let (ended, access, _) = sign_in(&here, "eve").await;
    assert_eq!(refreshed(&there, &refresh).await, Err(SessionErrorKind::Unavailable), "and not: unknown");
    let revoked = there.sessions.revoke_session(ended.handle()).await.map_err(|error| error.kind());
    assert_eq!(revoked, Err(SessionErrorKind::Unavailable), "and not: there was none");

    brake.execute_unprepared("UNLOCK TABLES").await.expect("an end of the lock");
    eventually("the session", async || refreshed(&there, &refresh).await.ok()).await;
    assert!(there.sessions.revoke_session(ended.handle()).await.expect("a revocation"));
    assert!(there.sessions.verify::<Shopper, Cart>(&access).is_err());
}
