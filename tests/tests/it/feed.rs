//! What nodes tell each other: that nothing that was committed stays hidden, what happens when a node has not read for too long, and who
//! waits for the end of a session.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection, TransactionTrait};
use session_runtime::testing::ManualClock;
use session_runtime::{
    FeedDelivery, Keys, PolicyBuilder, RevocationReason, Session, SessionErrorKind, Sessions, StaleFeed, TimeProvider,
    Timestamp,
};
use session_tests::app::{App, Cart, Role, SECRETS, Shopper, in_memory, policy, shopper};
use session_tests::client::Client;
use session_tests::engine::{Database, Engine, Galera, connect, eventually};
use session_tests::log::Log;
use session_tests::on_each_engine;

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

on_each_engine! {
    an_announcement_that_is_committed_after_a_later_one_is_known_at_the_next_look
    numbers_that_are_never_used_are_looked_for_in_vain_and_not_for_long
    a_changed_payload_is_in_force_on_every_node_and_new_tokens_pass_everywhere
}

async fn signed_in(sessions: &Sessions, user: &str) -> Session<Shopper, Cart> {
    sessions.create_new_session(user, shopper(Role::Customer), Cart::default()).await.expect("a session")
}

/// A node whose background work is too slow to be noticed.
async fn node(connection: DatabaseConnection, clock: &ManualClock) -> Sessions {
    node_with(connection, clock, FeedDelivery::Polled).await
}

async fn node_with(connection: DatabaseConnection, clock: &ManualClock, delivery: FeedDelivery) -> Sessions {
    let policy = policy().feed_interval(60 * SECOND).notes_interval(20 * SECOND).feed_delivery(delivery);
    let policy = policy.build().expect("a policy");
    let keys = Keys::from_secrets(SECRETS).expect("secrets");
    let builder = Sessions::builder(policy, keys).clock(Moving(clock.clone()));
    builder.with_connection(connection).await.expect("sessions")
}

/// A clock that goes on by itself, also while a node looks at the feed, as all clocks do.
#[derive(Debug)]
struct Moving(ManualClock);

impl TimeProvider for Moving {
    fn now(&self) -> Timestamp {
        self.0.advance(Duration::from_millis(1));
        self.0.now()
    }
}

fn token(session: &Session<Shopper, Cart>) -> String {
    session.tokens().expect("tokens").access_token().to_owned()
}

fn refused(sessions: &Sessions, session: &Session<Shopper, Cart>) -> bool {
    sessions.verify::<Shopper, Cart>(&token(session)).is_err()
}

/// What a revocation writes last before it commits.
async fn announce(connection: &impl ConnectionTrait, session: &Session<Shopper, Cart>, clock: &ManualClock) {
    let (now, handle) = (clock.now(), session.handle());
    let insert = format!(
        "INSERT INTO session_invalidations (tenant, subject, subject_id, not_before, reason, expires_at) \
         VALUES ('public', 'session', '{handle}', {}, 'revoked', {})",
        now.as_millis(),
        now.after(HOUR).as_millis()
    );
    connection.execute_unprepared(&insert).await.expect("an announcement");
}

async fn an_announcement_that_is_committed_after_a_later_one_is_known_at_the_next_look(database: Database) {
    let clock = ManualClock::default();
    let node = node(database.connect().await, &clock).await;
    let mut sessions = Vec::new();
    for _ in 0..4 {
        sessions.push(signed_in(&node, "ada").await);
    }
    let writer = database.connect().await;
    announce(&writer, &sessions[0], &clock).await;
    node.read_revocations().await.expect("a look");
    assert!(refused(&node, &sessions[0]));
    if database.engine == Engine::Sqlite {
        // One writer at a time: numbers are committed in their order, and there is nothing to wait for.
        assert_eq!(node.feed_status().read_again(), 0);
        return;
    }
    let first = writer.begin().await.expect("a transaction");
    announce(&first, &sessions[1], &clock).await;
    let second = writer.begin().await.expect("a transaction");
    announce(&second, &sessions[2], &clock).await;
    announce(&writer, &sessions[3], &clock).await;
    second.commit().await.expect("committed");
    for _ in 0..5 {
        clock.advance(SECOND);
        node.read_revocations().await.expect("a look");
        assert!(refused(&node, &sessions[2]) && refused(&node, &sessions[3]));
        assert!(!refused(&node, &sessions[1]), "it is not committed");
    }
    first.commit().await.expect("committed");
    node.read_revocations().await.expect("a look");
    assert!(refused(&node, &sessions[1]));
    assert_eq!(node.feed_status().read_again(), 0, "nothing is missing any more");
}

async fn numbers_that_are_never_used_are_looked_for_in_vain_and_not_for_long(database: Database) {
    let clock = ManualClock::default();
    let node = node(database.connect().await, &clock).await;
    let session = signed_in(&node, "ada").await;
    let writer = database.connect().await;
    announce(&writer, &session, &clock).await;
    let undone = writer.begin().await.expect("a transaction");
    announce(&undone, &session, &clock).await;
    undone.rollback().await.expect("undone");
    let last = signed_in(&node, "ada").await;
    announce(&writer, &last, &clock).await;
    node.read_revocations().await.expect("a look");
    assert!(refused(&node, &last));
    // SQLite gives the number to the next one.
    let missing = usize::from(database.engine != Engine::Sqlite);
    assert_eq!(node.feed_status().read_again(), missing);
    clock.advance(31 * SECOND);
    node.read_revocations().await.expect("a look");
    assert_eq!(node.feed_status().read_again(), 0);
    assert!(refused(&node, &last) && refused(&node, &session));
}

async fn a_changed_payload_is_in_force_on_every_node_and_new_tokens_pass_everywhere(database: Database) {
    let clock = ManualClock::default();
    let (here, there) = (node(database.connect().await, &clock).await, node(database.connect().await, &clock).await);
    let other = signed_in(&here, "bob").await;
    let mut session = signed_in(&here, "ada").await;
    let old = token(&session);
    let kind = |node: &Sessions, token: &str| node.verify::<Shopper, Cart>(token).err().map(|error| error.kind());
    let stale = Some(SessionErrorKind::TryRefreshToken);

    session.update_payload(|shopper| shopper.role = Role::Admin).await.expect("a change");
    let second = token(&session);
    assert_eq!((kind(&here, &old), kind(&there, &old)), (stale, None), "here at once");
    there.read_revocations().await.expect("a look");
    assert_eq!(kind(&there, &old), stale);
    // No time has passed: it is not by clocks that they are told apart.
    assert_eq!((kind(&here, &second), kind(&there, &second)), (None, None));

    let changed = there.update_payload::<Shopper>(session.handle(), |shopper| shopper.role = Role::Customer);
    changed.await.expect("a change");
    assert_eq!((kind(&here, &second), kind(&there, &second)), (None, stale));
    here.read_revocations().await.expect("a look");
    assert_eq!(kind(&here, &second), stale);
    let refresh = session.tokens().and_then(|tokens| tokens.refresh_token()).expect("a refresh token");
    let refreshed = here.refresh_session(refresh).await.expect("a refresh");
    let third = refreshed.tokens().access_token();
    assert_eq!((kind(&here, third), kind(&there, third)), (None, None));
    assert_eq!(here.verify::<Shopper, Cart>(third).expect("a session").payload().role, Role::Customer);
    assert_eq!(kind(&there, &token(&other)), None, "another's tokens are none of it");
    // Who begins now knows it from the start; who is revoked after is told so.
    let late = node(database.connect().await, &clock).await;
    assert_eq!(kind(&late, &old), Some(SessionErrorKind::TryRefreshToken));
    late.revoke_session(session.handle()).await.expect("a revocation");
    assert_eq!(kind(&late, &old), Some(SessionErrorKind::Unauthorised));
    clock.advance(4 * HOUR);
    late.read_revocations().await.expect("a look");
    assert_eq!(late.feed_status().announcements(), 0, "what concerns no token any more is forgotten");
}

#[tokio::test]
async fn a_payload_change_that_the_database_has_lost_locks_nobody_out() {
    let connection = in_memory().await;
    let app = App::on(connection.clone(), policy(), ManualClock::default()).await;
    let session = signed_in(&app.sessions, "ada").await;
    let changed = app.sessions.update_payload::<Shopper>(session.handle(), |shopper| shopper.role = Role::Admin);
    changed.await.expect("a change");
    sql(&connection, "UPDATE sessions SET payload_revision = payload_revision - 1").await;
    let refresh = session.tokens().and_then(|tokens| tokens.refresh_token()).expect("a refresh token");
    let refreshed = app.sessions.refresh_session(refresh).await.expect("a refresh");
    assert!(app.sessions.verify::<Shopper, Cart>(refreshed.tokens().access_token()).is_ok());
}

#[tokio::test]
async fn verification_asks_no_database_whatever_was_announced() {
    let app = App::new().await;
    let (good, revoked) = (signed_in(&app.sessions, "ada").await, signed_in(&app.sessions, "bob").await);
    let changed = signed_in(&app.sessions, "eve").await;
    app.sessions.revoke_session(revoked.handle()).await.expect("a revocation");
    let change = app.sessions.update_payload::<Shopper>(changed.handle(), |shopper| shopper.role = Role::Admin);
    change.await.expect("a change");
    let (statements, statuses) = app
        .statements(async {
            let mut statuses = Vec::new();
            for session in [&good, &revoked, &changed] {
                let mut client = client_of(&app, session);
                for _ in 0..100 {
                    statuses.push(client.clone().get("/me").await.status.as_u16());
                }
                client.access = None;
            }
            statuses.dedup();
            statuses
        })
        .await;
    assert_eq!((statements, statuses), (0, vec![200, 401]));
}

/// Two nodes on PostgreSQL that look for themselves once a minute.
async fn notified() -> (Database, Sessions, Sessions) {
    let (database, clock) = (Database::fresh(Engine::Postgres).await, ManualClock::default());
    let here = node_with(database.connect().await, &clock, FeedDelivery::Notified).await;
    let there = node_with(database.connect().await, &clock, FeedDelivery::Notified).await;
    for node in [&here, &there] {
        eventually("a connection that listens", async || node.feed_status().is_notified().then_some(())).await;
    }
    (database, here, there)
}

async fn listening(connection: &DatabaseConnection, then: &str) -> i64 {
    let sql = format!(
        "SELECT count({then}) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
    );
    let row = connection.query_one_raw(sea_orm::Statement::from_string(connection.get_database_backend(), sql)).await;
    row.expect("an answer").expect("a row").try_get_by_index(0).expect("a number")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install -y postgresql")]
async fn postgres_tells_every_node_at_once() {
    let (database, here, there) = notified().await;
    let connection = database.connect().await;
    assert_eq!(listening(&connection, "*").await, 2, "one connection for each node");
    let session = signed_in(&here, "ada").await;
    let waiting = tokio::spawn(there.verify::<Shopper, Cart>(&token(&session)).expect("a session").revoked());
    here.revoke_session(session.handle()).await.expect("a revocation");
    // The next look on time is a minute away.
    assert_eq!(waiting.await.expect("it ends"), RevocationReason::Revoked);
    let session = signed_in(&here, "ada").await;
    here.update_payload::<Shopper>(session.handle(), |shopper| shopper.role = Role::Admin).await.expect("a change");
    eventually("the changed payload", async || refused(&there, &session).then_some(())).await;
    let session = signed_in(&here, "ada").await;
    here.revoke_all_sessions_of_tenant().await.expect("a revocation");
    eventually("the tenant's end", async || refused(&there, &session).then_some(())).await;

    there.close().await.expect("an end");
    drop(there);
    eventually("one that listens", async || (listening(&connection, "*").await == 1).then_some(())).await;
    let polled = node_with(database.connect().await, &ManualClock::default(), FeedDelivery::Polled).await;
    assert!(!polled.feed_status().is_notified());
    assert_eq!(listening(&connection, "*").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install -y postgresql")]
async fn a_connection_that_listened_and_was_lost_is_made_anew_and_nothing_is_missed() {
    let (database, here, there) = notified().await;
    let session = signed_in(&here, "ada").await;
    let connection = database.connect().await;
    assert_eq!(listening(&connection, "pg_terminate_backend(pid)").await, 2);
    eventually("the loss", async || (!there.feed_status().is_notified()).then_some(())).await;
    here.revoke_session(session.handle()).await.expect("a revocation");
    eventually("what was missed", async || refused(&there, &session).then_some(())).await;
    assert!(there.feed_status().is_notified());
    let session = signed_in(&here, "ada").await;
    here.revoke_session(session.handle()).await.expect("a revocation");
    eventually("what came after", async || refused(&there, &session).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install -y postgresql")]
async fn a_burst_of_announcements_is_read_by_few_statements() {
    let (database, here, _) = notified().await;
    database.log_statements().await;
    let counted = node_with(database.connect().await, &ManualClock::default(), FeedDelivery::Notified).await;
    eventually("a connection that listens", async || counted.feed_status().is_notified().then_some(())).await;
    let mut sessions = Vec::new();
    for _ in 0..100 {
        sessions.push(signed_in(&here, "ada").await);
    }
    let before = looks(&database).await;
    let mut work = tokio::task::JoinSet::new();
    for session in &sessions {
        let (node, handle) = (here.clone(), *session.handle());
        work.spawn(async move { node.revoke_session(&handle).await.map(drop) });
    }
    work.join_all().await.into_iter().for_each(|done| done.expect("a revocation"));
    let all = async || sessions.iter().all(|session| refused(&counted, session)).then_some(());
    eventually("all of them", all).await;
    let read = looks(&database).await - before;
    assert!((1..60).contains(&read), "{read}");
}

/// How often the feed was read over connections that were opened since statements are logged.
async fn looks(database: &Database) -> usize {
    let looks =
        |statement: &&String| statement.starts_with("SELECT") && statement.contains("FROM session_invalidations");
    database.statements().await.iter().filter(looks).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(starts_galera), ignore = "needs MariaDB and Galera: apt-get install -y mariadb-server galera-4")]
async fn on_galera_no_announcement_is_missed_whichever_node_it_was_written_to() {
    let cluster = Galera::start().await;
    let database = cluster.nodes[0].fresh_database().await;
    let clock = ManualClock::default();
    let mut nodes = vec![node(database.connect().await, &clock).await];
    for server in &cluster.nodes[1..] {
        nodes.push(node(connect(&database.url_on(server)).await, &clock).await);
    }
    let mut sessions = Vec::new();
    for number in 0..60 {
        sessions.push(signed_in(&nodes[number % 3], "ada").await);
    }
    for (other, with) in [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)] {
        cluster.caught_up(other, with).await;
    }
    // A number that was taken long before those that others write.
    let idle = connect(&database.url_on(&cluster.nodes[2])).await;
    let late = idle.begin().await.expect("a transaction");
    announce(&late, &sessions[59], &clock).await;
    // Everybody revokes and reads at once.
    let work = (0..3).map(|own| {
        let node = nodes[own].clone();
        let handles: Vec<_> = sessions[..59].iter().skip(own).step_by(3).map(|session| *session.handle()).collect();
        tokio::spawn(async move {
            for handle in handles {
                assert!(node.revoke_session(&handle).await.expect("a revocation"));
                node.read_revocations().await.expect("a look");
            }
        })
    });
    for done in work.collect::<Vec<_>>() {
        done.await.expect("it ends");
    }
    late.commit().await.expect("committed");
    for (other, with) in [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)] {
        cluster.caught_up(other, with).await;
    }
    for node in &nodes {
        node.read_revocations().await.expect("a look");
        let missed = sessions.iter().filter(|session| !refused(node, session)).count();
        assert_eq!(missed, 0);
    }
}

#[tokio::test]
async fn a_look_at_many_that_are_known_costs_a_bounded_number_of_statements() {
    let connection = in_memory().await;
    let clock = ManualClock::default();
    let app = App::on(connection.clone(), policy(), clock.clone()).await;
    // Every third number, as on a Galera cluster of three.
    let values = (1..=2_000).map(|number| {
        let (sequence, expires_at) = (3 * number, clock.now().after(HOUR).as_millis());
        format!("({sequence}, 'public', 'none', '', 0, 'revoked', {expires_at})")
    });
    let insert = format!(
        "INSERT INTO session_invalidations (sequence, tenant, subject, subject_id, not_before, reason, expires_at) VALUES {}",
        values.collect::<Vec<_>>().join(", ")
    );
    connection.execute_unprepared(&insert).await.expect("announcements");
    let mut looks = Vec::new();
    for _ in 0..7 {
        looks.push(app.statements(app.sessions.read_revocations()).await.0);
        clock.advance(SECOND);
    }
    assert_eq!(looks, [5, 1, 1, 5, 1, 1, 5]);
    clock.advance(30 * SECOND);
    let _ = app.sessions.read_revocations().await;
    assert_eq!(app.statements(app.sessions.read_revocations()).await.0, 1);
    assert_eq!(app.sessions.feed_status().read_again(), 0);
}

/// A node whose feed is stale after five seconds, its connection, and a session.
async fn stale_soon(rule: StaleFeed) -> (App, DatabaseConnection, Session<Shopper, Cart>) {
    let connection = in_memory().await;
    let bound = |policy: PolicyBuilder| policy.stale_feed_after(61 * SECOND).when_feed_stale(rule);
    let app = App::on(connection.clone(), bound(policy()), ManualClock::default()).await;
    let session = signed_in(&app.sessions, "ada").await;
    (app, connection, session)
}

async fn sql(connection: &DatabaseConnection, sql: &str) {
    connection.execute_unprepared(sql).await.expect(sql);
}

fn client_of(app: &App, session: &Session<Shopper, Cart>) -> Client {
    let mut client = Client::with_headers(&app.router);
    client.access = Some(token(session));
    client
}

#[tokio::test]
async fn by_default_a_stale_feed_refuses_nobody() {
    let (log, _recording) = Log::record();
    let (app, connection, session) = stale_soon(StaleFeed::Accept).await;
    sql(&connection, "ALTER TABLE session_invalidations RENAME TO lost").await;
    app.clock.advance(62 * SECOND);
    assert!(app.sessions.read_revocations().await.is_err());
    let status = app.sessions.feed_status();
    assert!(status.is_stale() && status.lag() == 62 * SECOND, "{status:?}");
    let (statements, reply) = app.statements(client_of(&app, &session).get("/me")).await;
    assert_eq!((statements, reply.status.as_u16()), (0, 200));
    assert!(app.sessions.verify::<Shopper, Cart>(&token(&session)).is_ok());
    sql(&connection, "ALTER TABLE lost RENAME TO session_invalidations").await;
    app.sessions.read_revocations().await.expect("a look");
    assert!(!app.sessions.feed_status().is_stale());
    assert_eq!(app.sessions.feed_status().last_read(), app.sessions.now());
    assert_eq!(log.text().matches("the feed is stale").count(), 1, "it is said once");
    assert_eq!(log.text().matches("are known again").count(), 1);
}

#[tokio::test]
async fn where_the_policy_says_so_the_database_is_asked_while_the_feed_is_stale() {
    let (app, connection, session) = stale_soon(StaleFeed::AskDatabase).await;
    let guarded = app.sessions.mount(
        axum::Router::new()
            .route("/plain", axum::routing::get(async || "plain"))
            .route_layer(session_runtime::GuardLayer::<Shopper>::require(session_runtime::claims::identified())),
    );
    let mut behind_guard = client_of(&app, &session);
    let mut guard = Client::with_headers(&guarded);
    guard.access.clone_from(&behind_guard.access);
    let (statements, reply) = app.statements(behind_guard.get("/me")).await;
    assert_eq!((statements, reply.status.as_u16()), (0, 200), "not while it is fresh");

    app.clock.advance(62 * SECOND);
    let (statements, reply) = app.statements(behind_guard.get("/me")).await;
    assert_eq!((statements, reply.status.as_u16()), (1, 200));
    let (statements, reply) = app.statements(guard.get("/plain")).await;
    assert_eq!((statements, reply.status.as_u16()), (1, 200));
    let refused = app.sessions.verify::<Shopper, Cart>(&token(&session)).expect_err("it cannot ask");
    assert_eq!(refused.kind(), SessionErrorKind::Unavailable);
    assert!(app.sessions.verify_authoritative::<Shopper, Cart>(&token(&session)).await.is_ok());

    // What another node has ended, and this one has not heard of.
    sql(&connection, "DELETE FROM sessions").await;
    client_of(&app, &session).get("/me").await.assert_refused(401, "unauthorised").assert_tokens_cleared();
    guard.get("/plain").await.assert_refused(401, "unauthorised").assert_tokens_cleared();
    sql(&connection, "ALTER TABLE sessions RENAME TO lost").await;
    client_of(&app, &session).get("/me").await.assert_refused(503, "unavailable").assert_tokens_left_alone();
    sql(&connection, "ALTER TABLE lost RENAME TO sessions").await;

    app.sessions.read_revocations().await.expect("a look");
    let (statements, reply) = app.statements(client_of(&app, &session).get("/me")).await;
    assert_eq!((statements, reply.status.as_u16()), (0, 200), "by memory again");
}

#[tokio::test]
async fn who_waits_for_the_end_of_a_session_is_told_why_it_ended() {
    let connection = in_memory().await;
    let clock = ManualClock::default();
    let here = App::on(connection.clone(), policy(), clock.clone()).await;
    let there = App::on(connection, policy(), clock).await;
    let (session, other) = (signed_in(&here.sessions, "ada").await, signed_in(&here.sessions, "bob").await);
    let at = |app: &App, session| app.sessions.verify::<Shopper, Cart>(&token(session)).expect("a session");
    let mut waiting = Box::pin(at(&there, &session).revoked());
    let mut others = Box::pin(at(&there, &other).revoked());
    let moment = Duration::from_millis(1);
    assert!(tokio::time::timeout(moment, &mut waiting).await.is_err());

    let reason = RevocationReason::custom("password_changed").expect("a reason");
    here.sessions.because(reason.clone()).revoke_session(session.handle()).await.expect("a revocation");
    assert!(tokio::time::timeout(moment, &mut waiting).await.is_err(), "not known there yet");
    // Neither a future that was dropped nor one that was made late misses it.
    drop(at(&there, &session).revoked());
    let late = at(&there, &session);
    there.sessions.read_revocations().await.expect("a look");
    assert_eq!(waiting.await, reason);
    assert_eq!(late.revoked().await, reason);
    assert_eq!(session.revoked().await, reason);
    assert!(tokio::time::timeout(moment, &mut others).await.is_err(), "another's end is none of theirs");
    here.sessions.revoke_all_sessions_of_tenant().await.expect("a revocation");
    there.sessions.read_revocations().await.expect("a look");
    assert_eq!(others.await, RevocationReason::TenantRevoked);
}

#[tokio::test]
async fn a_stream_ends_with_its_session() {
    let app = App::new().await;
    let sent = std::sync::Arc::new(tokio::sync::Notify::new());
    let signal = sent.clone();
    let router = app.sessions.mount(axum::Router::new().route(
        "/events",
        axum::routing::get(async move |session: Session<Shopper, Cart>| {
            let revoked = session.revoked();
            signal.notify_one();
            format!("bye: {}", revoked.await)
        }),
    ));
    let session = signed_in(&app.sessions, "ada").await;
    let mut client = Client::with_headers(&router);
    client.access = Some(token(&session));
    let stream = tokio::spawn(async move { client.get("/events").await });
    sent.notified().await;
    app.sessions.revoke_session(session.handle()).await.expect("a revocation");
    assert_eq!(stream.await.expect("it ends").text, "bye: revoked");
}

#[tokio::test]
async fn many_who_wait_and_many_who_end_miss_nobody() {
    let app = App::new().await;
    let mut waiting = tokio::task::JoinSet::new();
    let mut handles = Vec::new();
    for _ in 0..200 {
        let session = signed_in(&app.sessions, "ada").await;
        handles.push(*session.handle());
        waiting.spawn(session.revoked());
    }
    for handle in handles {
        app.sessions.revoke_session(&handle).await.expect("a revocation");
        tokio::task::yield_now().await;
    }
    assert!(waiting.join_all().await.iter().all(|reason| *reason == RevocationReason::Revoked));
}
