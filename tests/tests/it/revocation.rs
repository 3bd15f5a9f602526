//! Ending sessions: which, why, and what nobody brings back.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection};
use session_runtime::testing::ManualClock;
use session_runtime::{RevocationReason, Session, SessionErrorKind, Sessions, TenantId};
use session_tests::app::{App, Cart, Role, Shopper, in_memory, policy, shopper};
use session_tests::client::{Client, SIGN_OUT};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

fn tenant(id: &str) -> TenantId {
    TenantId::new(id).expect("a tenant")
}

async fn count(connection: &DatabaseConnection, table: &str) -> i64 {
    let sql = format!("SELECT count(*) AS found FROM {}", session_tests::app::table(table));
    let row = connection.query_one_raw(sea_orm::Statement::from_string(connection.get_database_backend(), sql)).await;
    row.expect("a count").expect("a row").try_get("", "found").expect("a number")
}

fn because(word: &str) -> RevocationReason {
    RevocationReason::custom(word).expect("a reason")
}

async fn signed_in(app: &App, user: &str) -> Session<Shopper, Cart> {
    signed_in_to(&app.sessions, user).await
}

async fn signed_in_to(sessions: &Sessions, user: &str) -> Session<Shopper, Cart> {
    sessions.create_new_session(user, shopper(Role::Customer), Cart::default()).await.expect("a session")
}

/// A client with the tokens of a session.
fn client_of(app: &App, session: &Session<Shopper, Cart>) -> Client {
    let mut client = Client::with_headers(&app.router);
    let tokens = session.tokens().expect("tokens");
    client.access = Some(tokens.access_token().to_owned());
    client.refresh = tokens.refresh_token().map(str::to_owned);
    client
}

/// Both ways in are shut, and say why.
async fn assert_out(app: &App, session: &Session<Shopper, Cart>, reason: &str) {
    client_of(app, session).get("/me").await.assert_revoked(reason).assert_tokens_cleared();
    client_of(app, session).refresh().await.assert_revoked(reason).assert_tokens_cleared();
}

/// As [`assert_out`], of a session that ended with its tenant's: a refresh token does not say whose session it is of, so of a row that
/// is gone nobody knows the reason.
async fn assert_out_by_tenant(app: &App, session: &Session<Shopper, Cart>, reason: &str) {
    client_of(app, session).get("/me").await.assert_revoked(reason).assert_tokens_cleared();
    client_of(app, session).refresh().await.assert_refused(401, "unauthorised").assert_tokens_cleared();
}

async fn assert_in(app: &App, session: &Session<Shopper, Cart>) {
    assert_eq!(client_of(app, session).get("/me").await.status, 200);
    assert_eq!(client_of(app, session).refresh().await.status, 200);
}

#[tokio::test]
async fn v7_4_each_way_to_end_a_session_tells_its_client_why() {
    let app = App::new().await;
    let sessions = &app.sessions;

    let session = signed_in(&app, "ada").await;
    sessions.revoke_session(session.handle()).await.expect("a revocation");
    assert_out(&app, &session, "revoked").await;

    let session = signed_in(&app, "ada").await;
    sessions.because(because("password_changed")).revoke_session(session.handle()).await.expect("a revocation");
    assert_out(&app, &session, "password_changed").await;

    let (session, other) = (signed_in(&app, "ada").await, signed_in(&app, "ada").await);
    session.revoke_others().await.expect("a revocation");
    assert_out(&app, &other, "revoked_others").await;
    let other = signed_in(&app, "ada").await;
    let session = session.because(because("new_phone"));
    session.revoke_others().await.expect("a revocation");
    assert_out(&app, &other, "new_phone").await;
    assert_in(&app, &session).await;

    sessions.revoke_all_sessions_for_user("ada").await.expect("a revocation");
    assert_out(&app, &session, "revoked_all").await;

    let session = signed_in(&app, "ada").await;
    assert_eq!(client_of(&app, &session).post(SIGN_OUT, &serde_json::json!({})).await.status, 200);
    assert_out(&app, &session, "signed_out").await;
}

#[tokio::test]
async fn other_nodes_learn_the_reason_with_the_revocation() {
    let connection = in_memory().await;
    let clock = ManualClock::default();
    let here = App::on(connection.clone(), policy(), clock.clone()).await;
    let there = App::on(connection, policy(), clock).await;
    let session = signed_in(&here, "ada").await;
    here.sessions.because(because("account_closed")).revoke_session(session.handle()).await.expect("a revocation");
    there.sessions.read_revocations().await.expect("a look");
    assert_out(&there, &session, "account_closed").await;
}

#[tokio::test]
async fn a_theft_is_called_one_whatever_the_handle_says() {
    let app = App::new().await;
    let session = signed_in(&app, "ada").await;
    let first = session.tokens().and_then(|tokens| tokens.refresh_token()).expect("a refresh token").to_owned();
    let second = app.sessions.refresh_session(&first).await.expect("a refresh");
    let _ = app
        .sessions
        .refresh_session(second.tokens().refresh_token().expect("a refresh token"))
        .await
        .expect("a refresh");
    let thief = app.sessions.because(because("spring_cleaning")).refresh_session(&first).await.expect_err("reuse");
    assert_eq!(thief.kind(), SessionErrorKind::TokenTheft);
    assert_eq!(thief.revocation_reason(), Some(&RevocationReason::TokenTheft));
    assert_out(&app, &session, "token_theft").await;
}

#[tokio::test]
async fn a_slow_handler_that_saves_after_a_revocation_is_told_and_saves_nothing() {
    let app = App::new().await;
    let mut session = signed_in(&app, "ada").await;
    session.update_data(|cart| cart.items.push(1)).await.expect("an update");
    let handle = *session.handle();
    app.sessions.because(because("password_changed")).revoke_session(&handle).await.expect("a revocation");
    for refused in [
        session.update_data(|cart| cart.items.push(2)).await.map(drop),
        session.replace_data(&Cart::default()).await,
        session.update_payload(|shopper| shopper.role = Role::Admin).await,
        session.reauthenticated().await,
    ] {
        let error = refused.expect_err("over");
        assert_eq!(error.kind(), SessionErrorKind::Unauthorised);
        assert_eq!(error.revocation_reason(), Some(&because("password_changed")));
    }
    assert!(app.sessions.session_information(&handle).await.expect("a look").is_none());
}

#[tokio::test]
async fn who_only_comes_with_a_forged_token_is_told_nothing() {
    let app = App::new().await;
    let session = signed_in(&app, "ada").await;
    let mut forger = client_of(&app, &session);
    app.sessions.revoke_session(session.handle()).await.expect("a revocation");
    let flipped = |token: &mut Option<String>| {
        let token = token.as_mut().expect("a token");
        let last = if token.pop() == Some('A') { 'E' } else { 'A' };
        token.push(last);
    };
    flipped(&mut forger.access);
    flipped(&mut forger.refresh);
    assert!(forger.clone().get("/me").await.json().get("reason").is_none());
    assert!(forger.refresh().await.json().get("reason").is_none());
}

#[tokio::test]
async fn many_can_be_ended_by_their_handles() {
    let app = App::new().await;
    let (one, two) = (signed_in(&app, "ada").await, signed_in(&app, "bob").await);
    let other = signed_in(&app, "bob").await;
    let foreign = signed_in_to(&app.sessions.in_tenant(tenant("acme")), "ada").await;
    let handles = [*one.handle(), *foreign.handle(), *two.handle(), *one.handle()];
    let mut ended = app.sessions.revoke_sessions(&handles).await.expect("a revocation");
    ended.sort_unstable();
    let mut expected = [*one.handle(), *two.handle()];
    expected.sort_unstable();
    assert_eq!(ended, expected, "those of this tenant, each once");
    assert_out(&app, &one, "revoked").await;
    assert_out(&app, &two, "revoked").await;
    assert_in(&app, &other).await;
    assert_in(&app, &foreign).await;
    assert!(app.sessions.revoke_sessions(&[]).await.expect("nothing").is_empty());
}

#[tokio::test]
async fn more_than_one_statement_holds_can_be_ended() {
    let app = App::new().await;
    let mut handles = Vec::new();
    for _ in 0..1_001 {
        handles.push(*signed_in(&app, "ada").await.handle());
    }
    let (statements, ended) = app.statements(app.sessions.revoke_sessions(&handles)).await;
    assert_eq!(ended.expect("a revocation").len(), 1_001);
    assert!(statements <= 3 * 6, "{statements}");
}

#[tokio::test]
async fn those_of_a_user_from_before_a_time_end_and_later_ones_do_not() {
    let app = App::new().await;
    let old = signed_in(&app, "ada").await;
    let others = signed_in(&app, "bob").await;
    app.clock.advance(SECOND);
    let incident = app.sessions.now();
    let new = signed_in(&app, "ada").await;
    app.clock.advance(SECOND);
    let ended = app.sessions.revoke_sessions_for_user_created_before("ada", incident).await.expect("a revocation");
    assert_eq!(ended, [*old.handle()]);
    assert_eq!(new.handle().created_at(), incident);
    assert_out(&app, &old, "revoked_before").await;
    assert_in(&app, &new).await;
    assert_in(&app, &others).await;
}

#[tokio::test]
async fn a_tenants_sessions_end_at_once_and_other_tenants_and_later_sessions_do_not() {
    let connection = in_memory().await;
    let clock = ManualClock::default();
    let app = App::on(connection.clone(), policy(), clock.clone()).await;
    let there = App::on(connection, policy(), clock.clone()).await;
    let acme = app.sessions.in_tenant(tenant("acme"));
    let (ada, bob) = (signed_in_to(&acme, "ada").await, signed_in_to(&acme, "bob").await);
    let public = signed_in(&app, "ada").await;

    let ended = acme.because(because("contract_over")).revoke_all_sessions_of_tenant().await.expect("a revocation");
    assert_eq!(ended, 2);
    there.sessions.read_revocations().await.expect("a look");
    for node in [&app, &there] {
        assert_out_by_tenant(node, &ada, "contract_over").await;
        assert_out_by_tenant(node, &bob, "contract_over").await;
        assert_in(node, &public).await;
    }
    assert!(acme.list_sessions("ada").await.expect("a list").is_empty());
    let again = signed_in_to(&acme, "ada").await;
    assert_in(&app, &again).await;
    assert_in(&there, &again).await;
    assert_eq!(acme.revoke_all_sessions_of_tenant().await.expect("a revocation"), 1, "also within the millisecond");
    assert_out_by_tenant(&app, &again, "tenant_revoked").await;

    clock.advance(SECOND);
    let incident = app.sessions.now();
    let later = signed_in_to(&acme, "ada").await;
    clock.advance(SECOND);
    let earlier_ones = acme.revoke_sessions_of_tenant_created_before(incident).await.expect("a revocation");
    assert_eq!(earlier_ones, 0);
    assert_in(&app, &later).await;
}

#[tokio::test]
async fn a_tenants_sessions_of_a_node_whose_clock_is_ahead_end_too() {
    let connection = in_memory().await;
    let (clock, ahead) = (ManualClock::default(), ManualClock::default());
    ahead.advance(3 * SECOND);
    let app = App::on(connection.clone(), policy(), clock).await;
    let there = App::on(connection, policy(), ahead).await;
    let early = signed_in(&there, "ada").await;
    assert_eq!(app.sessions.revoke_all_sessions_of_tenant().await.expect("a revocation"), 1);
    assert_out_by_tenant(&app, &early, "tenant_revoked").await;
    let new = signed_in(&app, "ada").await;
    there.sessions.read_revocations().await.expect("a look");
    assert_in(&app, &new).await;
    assert_in(&there, &new).await;
}

#[tokio::test]
async fn the_tokens_of_who_ends_the_tenant_are_cleared() {
    let app = App::new().await;
    let router = app.sessions.mount(axum::Router::new().route(
        "/close",
        axum::routing::post(async |session: Session<Shopper, Cart>, sessions: Sessions| {
            sessions.in_tenant(session.tenant().clone()).revoke_all_sessions_of_tenant().await.map(|_| "closed")
        }),
    ));
    let session = signed_in(&app, "ada").await;
    let mut client = Client::with_headers(&router);
    client.access = session.tokens().map(|tokens| tokens.access_token().to_owned());
    let reply = client.post("/close", &serde_json::json!({})).await;
    assert_eq!(reply.status, 200);
    reply.assert_tokens_cleared();
}

#[tokio::test]
async fn a_crash_between_a_tenants_announcement_and_its_deletion_brings_nobody_back() {
    let connection = in_memory().await;
    let clock = ManualClock::default();
    let session = signed_in(&App::on(connection.clone(), policy(), clock.clone()).await, "ada").await;
    clock.advance(SECOND);
    // All that the node did before it went down.
    let now = session_runtime::TimeProvider::now(&clock);
    let announce = format!(
        "INSERT INTO {} (tenant, subject, subject_id, not_before, reason, expires_at) \
         VALUES ('public', 'tenant', 'public', {}, 'contract_over', {})",
        session_tests::app::table("session_invalidations"),
        now.as_millis(),
        now.after(HOUR).as_millis()
    );
    connection.execute_unprepared(&announce).await.expect("an announcement");
    // Long after the announcement has expired, nodes start anew.
    clock.advance(30 * HOUR);
    let app = App::on(connection.clone(), policy(), clock.clone()).await;
    for _ in 0..2 {
        app.sessions.read_revocations().await.expect("a look");
        client_of(&app, &session).refresh().await.assert_revoked("contract_over");
        assert!(app.sessions.list_sessions("ada").await.expect("a list").is_empty());
    }
    let announced = async || count(&connection, "session_invalidations").await;
    app.sessions.purge().await.expect("a purge");
    assert_eq!((count(&connection, "sessions").await, announced().await), (0, 1), "the rows went first");
    client_of(&app, &session).refresh().await.assert_refused(401, "unauthorised");
    app.sessions.purge().await.expect("a purge");
    assert_eq!(announced().await, 0, "and the announcement when none was left");
    client_of(&app, &session).refresh().await.assert_refused(401, "unauthorised");
    assert_in(&app, &signed_in(&app, "ada").await).await;
}

#[tokio::test]
async fn a_large_tenants_rows_go_in_small_statements() {
    let app = App::new().await;
    for user in 0..1_203 {
        let _ = signed_in(&app, if user % 2 == 0 { "ada" } else { "bob" }).await;
    }
    let (statements, ended) = app.statements(app.sessions.revoke_all_sessions_of_tenant()).await;
    assert_eq!(ended.expect("a revocation"), 1_203);
    assert!(statements <= 1 + 4 + 3 * 2, "{statements}");
}
