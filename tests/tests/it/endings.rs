//! How sessions end, and what must not end them: order within a request, tightened policies, other sites' requests, clocks that
//! jump, databases that go back, cookies that a neighbour planted.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection};
use serde_json::json;
use session_runtime::testing::ManualClock;
use session_runtime::{Keys, NoData, NoPayload, Sessions};
use session_tests::app::{App, Cart, Role, SECRETS, Shopper, in_memory, policy, shopper};
use session_tests::client::{Client, Reply};

const HOUR: Duration = Duration::from_secs(3600);

async fn count(connection: &DatabaseConnection, table: &str) -> i64 {
    let sql = format!("SELECT count(*) AS found FROM {table}");
    let row = connection.query_one_raw(sea_orm::Statement::from_string(connection.get_database_backend(), sql)).await;
    row.expect("a count").expect("a row").try_get("", "found").expect("a number")
}

/// A request with these cookies and nothing else.
async fn with_cookies(app: &App, path: &str, cookies: &str) -> Reply {
    let mut bare = Client::with_cookies(&app.router).sending("cookie", cookies);
    if path == session_tests::client::REFRESH { bare.refresh().await } else { bare.get(path).await }
}

fn cookie(client: &Client, name: &str) -> String {
    format!("{name}={}", client.cookies[name].0)
}

#[tokio::test]
async fn v7_2_4_who_signs_in_anew_keeps_the_new_session_when_the_old_one_ends_after() {
    let app = App::new().await;
    for mut client in [Client::with_cookies(&app.router), Client::with_headers(&app.router)] {
        client = client.sign_in("ada", "customer").await;
        let mut old = client.clone();
        assert_eq!(client.post("/sign-in-anew", &json!({})).await.status, 200);
        client.get("/me").await.assert(200, &json!({ "user": "ada", "role": "admin" }));
        assert_eq!(client.refresh().await.status, 200);
        old.get("/me").await.assert_refused(401, "unauthorised");
    }
}

#[tokio::test]
async fn a_revoked_token_stays_refused_when_the_policy_was_tightened() {
    let connection = in_memory().await;
    let clock = ManualClock::default();
    let long = App::on(connection.clone(), policy(), clock.clone()).await;
    let mut client = Client::with_headers(&long.router).sign_in("ada", "customer").await;
    let short = App::on(connection, policy().access_token_lifetime(Duration::from_secs(60)), clock.clone()).await;
    let handle = *short.sessions.list_sessions("ada").await.expect("a list")[0].handle();
    short.sessions.revoke_session(&handle).await.expect("a revocation");
    let mut moved = Client::with_headers(&short.router);
    moved.access.clone_from(&client.access);
    moved.get("/me").await.assert_refused(401, "unauthorised");
    clock.advance(2 * HOUR);
    short.sessions.read_revocations().await.expect("a look");
    assert_ne!(moved.get("/me").await.status, 200);
    assert_ne!(client.get("/me").await.status, 200);
}

#[tokio::test]
async fn a_form_on_another_site_signs_nobody_out() {
    let app = App::new().await;
    // The browser withholds the cookies, and would take what the answer says of them.
    let form = || Client::with_cookies(&app.router).sending("sec-fetch-site", "cross-site");
    form().refresh().await.assert_refused(401, "unauthorised").assert_tokens_left_alone();
    let mut old_browser = Client::with_cookies(&app.router).sending("origin", "https://evil.example");
    old_browser.refresh().await.assert_refused(401, "unauthorised").assert_tokens_left_alone();
}

#[tokio::test]
async fn other_peoples_cookies_of_any_bytes_hide_none_of_ours() {
    let app = App::new().await;
    let client = Client::with_cookies(&app.router).sign_in("ada", "customer").await;
    let line = format!("x=é; {}; y=\u{1f36a}", cookie(&client, "sAccessToken"));
    assert_eq!(with_cookies(&app, "/me", &line).await.status, 200);
}

#[tokio::test]
async fn of_two_access_cookies_a_revoked_one_does_not_end_what_a_refresh_heals() {
    let app = App::new().await;
    let live = Client::with_cookies(&app.router).sign_in("ada", "customer").await;
    app.clock.advance(HOUR);
    let revoked = Client::with_cookies(&app.router).sign_in("ada", "customer").await;
    revoked.clone().post("/logout", &json!({})).await;
    let (live, revoked) = (cookie(&live, "sAccessToken"), cookie(&revoked, "sAccessToken"));
    for line in [format!("{live}; {revoked}"), format!("{revoked}; {live}")] {
        let reply = with_cookies(&app, "/me", &line).await;
        reply.assert_refused(401, "try refresh token").assert_tokens_left_alone();
    }
}

#[tokio::test]
async fn s8_a_planted_refresh_cookie_does_not_take_the_place_of_the_users_own() {
    let app = App::new().await;
    let victim = Client::with_cookies(&app.router).sign_in("ada", "customer").await;
    app.clock.advance(Duration::from_secs(1));
    let attacker = Client::with_cookies(&app.router).sign_in("mallory", "customer").await;
    let own = cookie(&victim, "sRefreshToken");
    let planted = cookie(&attacker, "sRefreshToken");
    // Also when the access token has expired: it is asked whose it is, not whether it is good.
    app.clock.advance(HOUR);
    for line in [format!("{planted}; {own}"), format!("{own}; {planted}")] {
        let mut client = Client::with_cookies(&app.router)
            .sending("cookie", &format!("{line}; {}", cookie(&victim, "sAccessToken")));
        assert_eq!(client.refresh().await.status, 200);
        assert_eq!(client.front.expect("a front-token")["uid"], "ada");
    }
}

#[tokio::test]
async fn a_refresh_takes_along_a_payload_that_was_changed_meanwhile() {
    let app = App::new().await;
    let mut client = Client::with_headers(&app.router).sign_in("ada", "admin").await;
    let handle = *app.sessions.list_sessions("ada").await.expect("a list")[0].handle();
    for _ in 0..20 {
        let demote = app.sessions.update_payload::<Shopper>(&handle, |shopper| shopper.role = Role::Customer);
        let (_, demoted) = tokio::join!(client.refresh(), demote);
        demoted.expect("a change");
        // Whatever the order was: what is refreshed after the change says the change.
        client.refresh().await;
        client.get("/me").await.assert(200, &json!({ "user": "ada", "role": "customer" }));
        app.sessions.update_payload::<Shopper>(&handle, |shopper| shopper.role = Role::Admin).await.expect("a change");
    }
}

#[tokio::test]
async fn a_clock_that_jumps_ahead_brings_no_revoked_session_back_and_takes_no_row() {
    let connection = in_memory().await;
    let app = App::on(connection.clone(), policy().idle_timeout(2 * HOUR), ManualClock::default()).await;
    let mut client = Client::with_headers(&app.router).sign_in("ada", "customer").await;
    let revoked = Client::with_headers(&app.router).sign_in("ada", "customer").await;
    revoked.clone().post("/logout", &json!({})).await;
    let now = session_runtime::TimeProvider::now(&app.clock);
    app.clock.advance(HOUR + HOUR + Duration::from_secs(600));
    app.sessions.purge().await.expect("a purge");
    app.sessions.read_revocations().await.expect("a look");
    app.clock.set(now);
    // Within the hour of margin beyond the token's own hour, nothing is forgotten.
    app.clock.set(now.after(Duration::from_secs(1)));
    assert_eq!(client.refresh().await.status, 200, "the row is there still");
    assert_eq!(count(&connection, "sessions").await, 1);
}

#[tokio::test]
async fn what_is_long_over_is_purged_and_what_lives_is_not() {
    let connection = in_memory().await;
    let day = 24 * HOUR;
    let app =
        App::on(connection.clone(), policy().idle_timeout(2 * day).absolute_timeout(4 * day), ManualClock::default())
            .await;
    for _ in 0..3 {
        Client::with_headers(&app.router).sign_in("idle", "customer").await;
    }
    let mut active = Client::with_headers(&app.router).sign_in("active", "customer").await;
    Client::with_headers(&app.router).sign_in("gone", "customer").await.post("/logout", &json!({})).await;
    app.clock.advance(day);
    assert_eq!(active.refresh().await.status, 200);
    app.clock.advance(day + HOUR);
    app.sessions.purge().await.expect("a purge");
    assert_eq!(count(&connection, "sessions").await, 4, "over, but not for long");
    assert_eq!(count(&connection, "session_invalidations").await, 0);
    assert_eq!(active.refresh().await.status, 200);
    app.clock.advance(day);
    app.sessions.purge().await.expect("a purge");
    assert_eq!(count(&connection, "sessions").await, 1, "the idle ones are gone");
    app.clock.advance(2 * day);
    app.sessions.purge().await.expect("a purge");
    assert_eq!(count(&connection, "sessions").await, 0, "and at its absolute end the active one");
}

#[tokio::test]
async fn revocations_are_learnt_from_a_database_that_went_back() {
    let connection = in_memory().await;
    let clock = ManualClock::default();
    let node = App::on(connection.clone(), policy(), clock.clone()).await;
    let other = App::on(connection.clone(), policy(), clock).await;
    for _ in 0..3 {
        Client::with_headers(&other.router).sign_in("bob", "customer").await.post("/logout", &json!({})).await;
    }
    node.sessions.read_revocations().await.expect("a look");
    let mut client = Client::with_headers(&node.router).sign_in("ada", "customer").await;
    // A backup from before is restored, and its sequence begins where it was.
    for sql in ["DELETE FROM session_invalidations", "DELETE FROM sqlite_sequence"] {
        connection.execute_unprepared(sql).await.expect(sql);
    }
    let handle = *other.sessions.list_sessions("ada").await.expect("a list")[0].handle();
    other.sessions.revoke_session(&handle).await.expect("a revocation");
    assert_eq!(client.get("/me").await.status, 200);
    node.sessions.read_revocations().await.expect("a look");
    client.get("/me").await.assert_refused(401, "unauthorised");
}

#[tokio::test]
async fn an_access_token_does_not_outlive_its_session() {
    let app = App::with(policy().idle_timeout(2 * HOUR)).await;
    let mut client = Client::with_headers(&app.router).sign_in("ada", "customer").await;
    let first = client.clone();
    client.refresh().await;
    app.clock.advance(2 * HOUR - Duration::from_secs(1));
    // The response of the only refresh was lost, and the client comes back at the last moment.
    let mut late = first;
    assert_eq!(late.refresh().await.status, 200);
    app.clock.advance(Duration::from_secs(1));
    late.get("/me").await.assert_refused(401, "try refresh token");
}

#[tokio::test]
async fn a_node_with_older_keys_does_not_clear_what_a_newer_one_made() {
    let connection = in_memory().await;
    let sessions = |secrets: Vec<&'static str>| {
        let builder =
            Sessions::builder(policy().build().expect("a policy"), Keys::from_secrets(secrets).expect("keys"));
        builder.with_connection(connection.clone())
    };
    let newer = sessions(vec![SECRETS[1], SECRETS[0]]).await.expect("sessions");
    let older = sessions(vec![SECRETS[0]]).await.expect("sessions");
    let session = newer.create_new_session::<_, NoData>("ada", NoPayload, NoData).await.expect("a session");
    let mut client = Client::with_headers(&older.mount(axum::Router::new()));
    client.refresh = session.tokens().and_then(|tokens| tokens.refresh_token()).map(str::to_owned);
    client.refresh().await.assert_refused(401, "unauthorised").assert_tokens_left_alone();
}

#[tokio::test]
async fn an_operation_on_somebody_elses_session_leaves_the_callers_tokens_alone() {
    let app = App::new().await;
    let session =
        app.sessions.create_new_session("ada", shopper(Role::Admin), Cart::default()).await.expect("a session");
    let handle = *session.handle();
    app.sessions.revoke_session(&handle).await.expect("a revocation");
    let error = app.sessions.update_data::<Cart>(&handle, |_| {}).await.expect_err("gone");
    assert_eq!(error.kind(), session_runtime::SessionErrorKind::NotFound);
}

#[tokio::test]
async fn a_database_url_is_never_quoted_with_its_password() {
    for url in [
        "oracle://shop:hunter2@localhost/shop",
        "postgres://shop:hunter2@localhost:port/shop",
        "postgres://shop:hunter2@127.0.0.1:1/shop",
        "mysql://shop:hunter2@127.0.0.1:1/shop?hunter2=hunter2&ssl-mode=hunter2",
    ] {
        let builder = Sessions::builder(policy().build().expect("a policy"), Keys::managed());
        let error = builder.connect(url).await.expect_err("nobody is there");
        let mut text = format!("{error} {error:?}");
        let mut cause = std::error::Error::source(&error);
        while let Some(error) = cause {
            text.push_str(&error.to_string());
            cause = error.source();
        }
        assert!(!text.contains("hunter2"), "{text}");
    }
}
