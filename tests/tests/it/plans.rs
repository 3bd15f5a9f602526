//! How the engines find what the store asks for: every statement that it sends, recorded over a table with many rows and explained by
//! the engine itself.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use session_runtime::testing::ManualClock;
use session_runtime::{
    AuditQuery, Keys, PayloadRequest, PayloadVerdict, PolicyBuilder, Session, Sessions, TenantId, TimeProvider, UserId,
    WhenFull,
};
use session_tests::app::{Cart, Role, Shopper, policy, refresh_token, shopper};
use session_tests::engine::{Database, Engine, eventually};
use session_tests::on_each_engine;
use session_tests::plans::{self, LARGE, Plan, Recorded};
use session_tests::rows::{Rows, settle};
use tokio::task::JoinSet;

on_each_engine! {
    no_statement_looks_at_more_rows_than_it_is_about
    a_statement_without_an_index_would_be_noticed
}

const ROWS: u64 = 40_000;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const MILLIS_OF_DAY: i64 = 24 * 60 * 60 * 1000;

/// What is about all of a tenant, as its documentation says: how many sessions it has, and in whose name a user who is erased has acted.
const OF_A_TENANT: [&str; 2] = ["SELECT COUNT(*) FROM sessions WHERE tenant", "UPDATE session_audit SET actor = NULL"];

async fn no_statement_looks_at_more_rows_than_it_is_about(database: Database) {
    let (recorded, clock) = (Recorded::default(), ManualClock::default());
    let mut connection = database.connect().await;
    recorded.listen(&mut connection);
    let (node, capped) = nodes(&connection, &clock).await;
    let other = database.connect().await;
    fill(&other, database.engine, &node, &clock).await;
    recorded.take();
    tour(&node, &capped, &clock).await;

    // A page of 500 is so large a part of these tables that an engine may well go through them whole.
    let plans = plans::explain(&other, database.engine, recorded.take_shortest()).await;
    assert!(plans.len() > 35, "only {} statements were recorded", plans.len());
    for Plan { sql, lines, scans } in plans {
        let is_about_all = OF_A_TENANT.iter().any(|start| sql.starts_with(start));
        assert!(scans.is_empty() || is_about_all, "{sql}\n{scans:#?} in\n{lines:#?}");
    }
}

async fn a_statement_without_an_index_would_be_noticed(database: Database) {
    let connection = database.connect().await;
    let _tables = nodes(&connection, &ManualClock::default()).await;
    for sql in [
        "SELECT handle FROM sessions WHERE created_at < 7",
        "SELECT handle FROM sessions ORDER BY absolute_expires_at",
        "DELETE FROM session_audit WHERE reason = 'revoked'",
    ] {
        let statement = Statement::from_string(connection.get_database_backend(), sql);
        let plans = plans::explain(&connection, database.engine, vec![statement]).await;
        assert!(plans.len() == 1 && plans[0].scans.len() == 1, "{sql}: {:#?}", plans[0].lines);
    }
}

/// Statements of the library's own connections tell nobody, so the server is asked what it has done.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install -y postgresql")]
async fn sessions_that_advance_together_are_found_by_their_keys() {
    let (database, clock) = (Database::fresh(Engine::Postgres).await, ManualClock::default());
    let connection = database.connect().await;
    let (maker, _) = nodes(&connection, &clock).await;
    fill(&connection, database.engine, &maker, &clock).await;
    drop(maker);
    connection.close().await.expect("an end, with which its figures are told");

    let other = database.connect().await;
    let keys = Keys::managed();
    let node = Sessions::builder(policy().feed_interval(Duration::from_secs(60)).build().expect("a policy"), keys);
    let node = node.clock(clock.clone()).connect(&database.url).await.expect("sessions");
    let mut tokens = Vec::new();
    for _ in 0..64 {
        tokens.push(refresh_token(&signed_in(&node, "ada").await));
    }
    let before = scans_of_sessions(&other).await;
    let mut refreshing = JoinSet::new();
    for token in tokens {
        let node = node.clone();
        refreshing.spawn(async move { node.refresh_session(&token).await.map(drop) });
    }
    for outcome in refreshing.join_all().await {
        outcome.expect("a refresh");
    }
    drop(node);
    let after = eventually("the figures", async || {
        let after = scans_of_sessions(&other).await;
        (after.1 >= before.1 + 64).then_some(after)
    });
    assert_eq!(after.await.0, before.0, "the table was gone through");
}

/// How often the table was gone through, and how often a row was looked up by an index.
async fn scans_of_sessions(connection: &DatabaseConnection) -> (i64, i64) {
    let figures = "SELECT seq_scan, idx_scan FROM pg_stat_user_tables WHERE relname = 'sessions'";
    let figures = Statement::from_string(connection.get_database_backend(), figures);
    let row = connection.query_one_raw(figures).await.expect("figures").expect("a table");
    (row.try_get_by_index(0).expect("a number"), row.try_get_by_index(1).expect("a number"))
}

/// Two nodes, the second of which asks for payloads and keeps a cap.
async fn nodes(connection: &DatabaseConnection, clock: &ManualClock) -> (Sessions, Sessions) {
    let build = |policy: PolicyBuilder| {
        let policy = policy.feed_interval(Duration::from_secs(60)).notes_interval(Duration::from_secs(20));
        Sessions::builder(policy.build().expect("a policy"), Keys::managed()).clock(clock.clone())
    };
    let node = build(policy()).with_connection(connection.clone()).await.expect("sessions");
    let source =
        async |_: PayloadRequest<Shopper>| Ok::<_, std::io::Error>(PayloadVerdict::Replace(shopper(Role::Admin)));
    let capped = build(policy().sessions_per_user(2, WhenFull::EndOldest)).payload_source(source);
    (node, capped.with_connection(connection.clone()).await.expect("sessions"))
}

/// Many rows in each of the large tables, some of which are over, as where a purge has been at work all the time.
async fn fill(connection: &DatabaseConnection, engine: Engine, node: &Sessions, clock: &ManualClock) {
    let _template = signed_in(node, "template").await;
    let first = clock.now().before(34 * DAY).as_millis();
    let rows =
        Rows { count: ROWS, users: ROWS / 10, named: "user-", first, step: 68_000, lifetime: 30 * MILLIS_OF_DAY };
    rows.copy(connection, engine, "template").await;
    for insert in [
        "INSERT INTO session_invalidations (tenant, subject, subject_id, not_before, reason, expires_at) \
         SELECT tenant, 'session', user_id, 0, 'revoked', absolute_expires_at FROM sessions"
            .to_owned(),
        format!(
            "INSERT INTO session_audit (happened_at, event, tenant, user_id, handle, reason) \
             SELECT created_at - {}, 'revoked', tenant, user_id, handle, 'revoked' FROM sessions",
            60 * MILLIS_OF_DAY
        ),
        format!(
            "INSERT INTO session_users (tenant, user_id, signed_in_at) \
             SELECT tenant, user_id, MIN(created_at) + {} FROM sessions GROUP BY tenant, user_id",
            32 * MILLIS_OF_DAY
        ),
    ] {
        connection.execute_unprepared(&insert).await.expect(&insert);
    }
    settle(connection, engine, &LARGE).await;
}

async fn signed_in(sessions: &Sessions, user: &str) -> Session<Shopper, Cart> {
    sessions.create_new_session(user, shopper(Role::Customer), Cart::default()).await.expect("a session")
}

/// Everything that can be done.
async fn tour(node: &Sessions, capped: &Sessions, clock: &ManualClock) {
    one_session(node).await;
    lists(node).await;
    revocations(node, clock).await;
    for _ in 0..3 {
        let session = signed_in(capped, "ada").await;
        capped.refresh_session(&refresh_token(&session)).await.map(drop).expect("a refresh");
    }
    let acme = node.in_tenant(TenantId::new("acme").expect("a tenant"));
    let _session = signed_in(&acme, "ada").await;
    acme.revoke_sessions_of_tenant_created_before(clock.now()).await.expect("a revocation");
    acme.revoke_all_sessions_of_tenant().await.expect("a revocation");
    node.read_revocations().await.expect("a look");
    capped.keep_keys().await.expect("keys");
    capped.purge().await.expect("a purge");
    node.purge_expired(|_| {}).await.map(drop).expect("a purge");
}

async fn one_session(node: &Sessions) {
    let mut session = signed_in(node, "ada").await;
    let (handle, refresh) = (*session.handle(), refresh_token(&session));
    let access = session.tokens().expect("tokens").access_token().to_owned();
    node.verify_authoritative::<Shopper, Cart>(&access).await.map(drop).expect("a session");
    node.refresh_session(&refresh).await.map(drop).expect("a refresh");
    session.update_data(|cart| cart.items.push(1)).await.map(drop).expect("an update");
    session.replace_data(&Cart::default()).await.expect("an update");
    session.update_payload(|shopper| shopper.role = Role::Admin).await.expect("an update");
    session.reauthenticated().await.expect("an update");
    let mut edit = session.edit_data().await.expect("data");
    edit.items.push(2);
    edit.save().await.map(drop).expect("an update");
    node.rename_device(&handle, "the grey one").await.expect("an update");
    node.session_information(&handle).await.expect("a look").expect("a session");
    node.verify::<Shopper, Cart>(&access).map(drop).expect_err("its payload is another");
    node.flush_notes().await.expect("notes");
    let signed_in = session.sign_in("ada", shopper(Role::Admin), |cart: Cart| cart).await;
    signed_in.map(drop).expect("a session");
}

async fn lists(node: &Sessions) {
    let page = node.list_sessions_page("user-1", None, 3).await.expect("a page");
    let after = page.sessions.last().map(|last| *last.handle());
    node.list_sessions_page("user-1", after, 3).await.map(drop).expect("a page");
    node.list_sessions("user-1").await.map(drop).expect("a list");
    node.list_all_page(after, 3).await.map(drop).expect("a page");
    node.count_sessions("user-1").await.map(drop).expect("a count");
    node.count_all().await.map(drop).expect("a count");
    let user = UserId::new("user-1").expect("a user");
    for query in [AuditQuery::newest(), AuditQuery::oldest()] {
        node.audit(query.clone().limit(3)).await.map(drop).expect("a trail");
        node.audit(query.of_user(user.clone()).limit(3)).await.map(drop).expect("a trail");
    }
}

async fn revocations(node: &Sessions, clock: &ManualClock) {
    let (first, second) = (signed_in(node, "grace").await, signed_in(node, "grace").await);
    let (third, last) = (signed_in(node, "grace").await, signed_in(node, "grace").await);
    assert!(node.revoke_session(first.handle()).await.expect("a revocation"));
    assert_eq!(node.revoke_sessions(&[*second.handle(), *third.handle()]).await.expect("a revocation").len(), 2);
    last.revoke_others().await.map(drop).expect("a revocation");
    node.revoke_sessions_for_user_created_before("user-2", clock.now()).await.map(drop).expect("a revocation");
    node.revoke_all_sessions_for_user("user-3").await.map(drop).expect("a revocation");
    node.erase_user("user-4").await.map(drop).expect("nothing is left");
}
