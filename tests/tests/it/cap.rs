//! A cap on the sessions of a user: who is refused, who has to go, and that it holds wherever they sign in.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use serde_json::json;
use session_runtime::testing::ManualClock;
use session_runtime::{Keys, Session, SessionError, SessionErrorKind, SessionHandle, Sessions, TenantId, WhenFull};
use session_tests::app::{App, Cart, Role, SECRETS, Shopper, fresh, policy, prefix, shopper, table};
use session_tests::client::Client;
use session_tests::engine::{Database, Engine};
use tokio::task::JoinSet;

const RULES: [WhenFull; 3] = [WhenFull::Refuse, WhenFull::EndOldest, WhenFull::EndLeastRecentlyUsed];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_sign_ins_on_three_nodes_leave_exactly_three_sessions() {
    let database = Database::fresh(Engine::of_this_test()).await;
    for when_full in RULES {
        let nodes = nodes(&database, 3, when_full).await;
        let user = format!("{when_full:?}");
        let answers = sign_in_at_once(&nodes, (0..50).map(|_| user.clone())).await;

        let live = nodes[0].list_sessions(user.as_str()).await.expect("a list");
        assert_eq!(live.len(), 3, "{when_full:?}");
        let (good, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
        assert_eq!(good.len(), if when_full == WhenFull::Refuse { 3 } else { 50 }, "{when_full:?}");
        let kinds = refused.into_iter().map(|refused| refused.expect_err("refused").kind());
        assert!(kinds.into_iter().all(|kind| kind == SessionErrorKind::TooManySessions), "{when_full:?}");

        // Those who had to go are known to have gone, everywhere.
        for node in &nodes {
            node.read_revocations().await.expect("the feed");
            let verified = good.iter().flatten().filter(|session| is_good(node, session)).count();
            assert_eq!(verified, 3, "{when_full:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sign_ins_of_many_users_do_not_disturb_each_other() {
    let database = Database::fresh(Engine::of_this_test()).await;
    let nodes = nodes(&database, 1, WhenFull::EndOldest).await;
    let users = (0..60).map(|number| format!("user-{}", number % 20));
    for answer in sign_in_at_once(&nodes, users).await {
        answer.map(drop).expect("a session");
    }
    assert_eq!(nodes[0].count_all().await.expect("a count"), 20);
}

async fn nodes(database: &Database, limit: usize, when_full: WhenFull) -> Vec<Sessions> {
    let mut nodes = Vec::new();
    for _ in 0..3 {
        let policy = policy().sessions_per_user(limit, when_full).build().expect("a policy");
        let keys = Keys::from_secrets(SECRETS).expect("secrets");
        let node = Sessions::builder(policy, keys)
            .table_prefix(prefix())
            .clock(ManualClock::default())
            .connect(&database.url)
            .await;
        nodes.push(node.expect("sessions"));
    }
    nodes
}

async fn sign_in_at_once(
    nodes: &[Sessions],
    users: impl Iterator<Item = String>,
) -> Vec<Result<Session<Shopper, Cart>, SessionError>> {
    let mut signing_in = JoinSet::new();
    for (node, user) in nodes.iter().cycle().cloned().zip(users) {
        signing_in.spawn(async move { node.create_new_session(user, shopper(Role::Customer), Cart::default()).await });
    }
    signing_in.join_all().await
}

fn is_good(node: &Sessions, session: &Session<Shopper, Cart>) -> bool {
    node.verify::<Shopper, Cart>(session.tokens().expect("tokens").access_token()).is_ok()
}

async fn app(limit: usize, when_full: WhenFull) -> App {
    App::with(policy().sessions_per_user(limit, when_full)).await
}

/// Signs in, a second after whatever was before.
async fn sign_in(app: &App) -> Session<Shopper, Cart> {
    app.clock.advance(Duration::from_secs(1));
    let session = app.sessions.create_new_session("ada", shopper(Role::Customer), Cart::default()).await;
    session.expect("a session")
}

async fn live(app: &App) -> Vec<SessionHandle> {
    app.sessions.list_sessions("ada").await.expect("a list").iter().map(|found| *found.handle()).collect()
}

#[tokio::test]
async fn who_has_enough_sessions_is_refused_until_one_ends() {
    let app = app(2, WhenFull::Refuse).await;
    let (first, second) = (sign_in(&app).await, sign_in(&app).await);
    let mut client = Client::with_headers(&app.router);
    let login = json!({ "user": "ada", "role": "customer" });
    let refused = client.post("/login", &login).await;
    refused.assert_refused(409, "too many sessions").assert_tokens_left_alone();
    assert_eq!(live(&app).await, [*first.handle(), *second.handle()]);

    app.sessions.revoke_session(first.handle()).await.expect("a revocation");
    assert_eq!(client.post("/login", &login).await.status, 200);
    assert_eq!(live(&app).await.len(), 2);
}

#[tokio::test]
async fn sessions_that_are_over_take_no_place() {
    let hour = Duration::from_secs(3600);
    let app = App::with(policy().idle_timeout(2 * hour).sessions_per_user(1, WhenFull::Refuse)).await;
    sign_in(&app).await.data().await.expect("data");
    app.clock.advance(2 * hour);
    assert_eq!(live(&app).await.len(), 0);
    sign_in(&app).await.data().await.expect("data");
}

#[tokio::test]
async fn the_oldest_ends_at_once_and_for_good() {
    let app = app(2, WhenFull::EndOldest).await;
    let (first, second) = (sign_in(&app).await, sign_in(&app).await);
    // It is used more than the other, which does not help it.
    assert!(is_good(&app.sessions, &first));
    app.sessions.flush_notes().await.expect("a flush");
    let third = sign_in(&app).await;
    assert_eq!(live(&app).await, [*second.handle(), *third.handle()]);
    assert!(!is_good(&app.sessions, &first), "this node knows at once");
    let token = first.tokens().and_then(|tokens| tokens.refresh_token()).expect("a refresh token");
    let refused = app.sessions.refresh_session(token).await.expect_err("over");
    assert_eq!(refused.kind(), SessionErrorKind::Unauthorised);
}

#[tokio::test]
async fn the_session_not_seen_for_longest_ends() {
    let app = app(2, WhenFull::EndLeastRecentlyUsed).await;
    let (first, second) = (sign_in(&app).await, sign_in(&app).await);
    app.clock.advance(Duration::from_secs(60));
    assert!(is_good(&app.sessions, &first));
    app.sessions.flush_notes().await.expect("a flush");
    let third = sign_in(&app).await;
    assert_eq!(live(&app).await, [*first.handle(), *third.handle()]);
    assert!(!is_good(&app.sessions, &second));
}

#[tokio::test]
async fn a_lower_cap_is_reached_at_the_next_sign_in() {
    let (connection, _database) = fresh().await;
    let before = App::on(connection.clone(), policy(), ManualClock::default()).await;
    for _ in 0..5 {
        sign_in(&before).await.data().await.expect("data");
    }
    let after = App::on(connection, policy().sessions_per_user(2, WhenFull::EndOldest), before.clock.clone()).await;
    let newest = sign_in(&after).await;
    let live = live(&after).await;
    assert_eq!((live.len(), live.last()), (2, Some(newest.handle())));
}

#[tokio::test]
async fn a_session_whose_place_is_taken_makes_room() {
    let app = app(1, WhenFull::Refuse).await;
    let mut client = Client::with_cookies(&app.router).sign_in("ada", "customer").await;
    let reply = client.post("/login", &json!({ "user": "ada", "role": "customer" })).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(live(&app).await.len(), 1);
    assert_eq!(client.get("/me").await.status, 200);

    let mut other = Client::with_cookies(&app.router).sign_in("bob", "customer").await;
    other.post("/login", &json!({ "user": "ada", "role": "customer" })).await.assert_refused(409, "too many sessions");
    other.get("/me").await.assert(200, &json!({ "user": "bob", "role": "customer" }));
}

#[tokio::test]
async fn tenants_strangers_and_those_who_act_as_the_user_are_not_counted() {
    let app = app(1, WhenFull::Refuse).await;
    let own = sign_in(&app).await;
    let acme = app.sessions.in_tenant(TenantId::new("acme").expect("a tenant"));
    let other_tenant = acme.create_new_session("ada", shopper(Role::Customer), Cart::default()).await;
    other_tenant.map(drop).expect("a session");
    for _ in 0..2 {
        let of_nobody = app.sessions.create_anonymous_session(shopper(Role::Customer), Cart::default()).await;
        of_nobody.map(drop).expect("a session");
    }
    let staff = app.sessions.create_new_session("bob", shopper(Role::Admin), Cart::default()).await.expect("a session");
    let acting = staff.impersonate("ada", shopper(Role::Customer), Cart::default()).await;
    acting.map(drop).expect("a session");
    assert!(live(&app).await.contains(own.handle()));

    app.sessions.revoke_session(own.handle()).await.expect("a revocation");
    sign_in(&app).await.data().await.expect("who acts as the user takes no place");
}

#[tokio::test]
async fn users_who_signed_in_long_ago_are_forgotten() {
    let (connection, _database) = fresh().await;
    let capped = policy().sessions_per_user(3, WhenFull::Refuse);
    let app = App::on(connection.clone(), capped, ManualClock::default()).await;
    for user in ["ada", "bob", "eve"] {
        let created = app.sessions.create_new_session(user, shopper(Role::Customer), Cart::default()).await;
        created.map(drop).expect("a session");
    }
    app.clock.advance(Duration::from_secs(23 * 3600));
    sign_in(&app).await.data().await.expect("data");
    app.clock.advance(Duration::from_secs(3600));
    app.sessions.purge().await.expect("a purge");
    assert_eq!(users(&connection).await, ["ada"]);
    assert_eq!(app.sessions.count_all().await.expect("a count"), 4, "their sessions go on");
}

#[tokio::test]
async fn what_is_left_of_sessions_that_ended_with_their_tenants_takes_no_place() {
    let (connection, _database) = fresh().await;
    let capped = policy().sessions_per_user(1, WhenFull::Refuse);
    let app = App::on(connection.clone(), capped, ManualClock::default()).await;
    sign_in(&app).await.data().await.expect("data");
    app.clock.advance(Duration::from_secs(1));
    // All that a node did before it went down, in the middle of ending the tenant's sessions.
    let now = app.sessions.now();
    let announce = format!(
        "INSERT INTO {} (tenant, subject, subject_id, not_before, reason, expires_at) \
         VALUES ('public', 'tenant', 'public', {}, 'contract_over', {})",
        table("session_invalidations"),
        now.as_millis(),
        now.after(Duration::from_secs(3600)).as_millis()
    );
    connection.execute_unprepared(&announce).await.expect("an announcement");
    app.sessions.read_revocations().await.expect("a look");
    let new = sign_in(&app).await;
    assert_eq!(live(&app).await, [*new.handle()]);
}

#[tokio::test]
async fn a_tool_forgets_all_users_who_signed_in_long_ago() {
    let (connection, _database) = fresh().await;
    let capped = policy().sessions_per_user(3, WhenFull::Refuse);
    let app = App::on(connection.clone(), capped, ManualClock::default()).await;
    for user in 0..201 {
        let created = app.sessions.create_new_session(format!("user-{user}"), shopper(Role::Customer), Cart::default());
        created.await.map(drop).expect("a session");
    }
    app.clock.advance(Duration::from_secs(25 * 3600));
    app.sessions.purge_expired(|_| {}).await.expect("a purge");
    assert!(users(&connection).await.is_empty());
}

async fn users(connection: &DatabaseConnection) -> Vec<String> {
    let sql = format!("SELECT user_id FROM {} ORDER BY user_id", table("session_users"));
    let select = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(select).await.expect("rows");
    rows.iter().map(|row| row.try_get_by_index(0).expect("a user id")).collect()
}

#[test]
fn caps_are_1_to_1000() {
    for limit in [0, 1001] {
        let error = policy().sessions_per_user(limit, WhenFull::Refuse).build().expect_err("no cap");
        assert_eq!(error.field(), "sessions_per_user", "{error}");
    }
}
