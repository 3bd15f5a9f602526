//! What a sink is told, when, and what it cannot break.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use sea_orm::ConnectionTrait;
use serde_json::json;
use session_runtime::testing::ManualClock;
use session_runtime::{SessionEvent, SessionEventKind, TimeProvider};
use session_tests::app::{App, Cart, Role, Shopper, in_memory, policy, shopper, table};
use session_tests::client::{Client, SIGN_OUT};

/// The events of a test, in order.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<SessionEvent>>>);

impl Told {
    fn take(&self) -> Vec<SessionEvent> {
        std::mem::take(&mut self.0.lock().expect("no panic"))
    }

    /// Their kinds as `Debug` names them, without fields.
    fn words(&self) -> Vec<String> {
        let word = |event: SessionEvent| format!("{:?}", event.kind).split([' ', '{']).next().unwrap_or("").to_owned();
        self.take().into_iter().map(word).collect()
    }
}

async fn told() -> (App, Told) {
    let told = Told::default();
    let sink = told.clone();
    let app = App::built(in_memory().await, policy(), ManualClock::default(), |builder| {
        builder.events(move |event: &SessionEvent| sink.0.lock().expect("no panic").push(event.clone()))
    });
    (app.await, told)
}

#[tokio::test]
async fn every_step_of_a_session_is_told_in_order() {
    let (app, told) = told().await;
    let mut client = Client::with_headers(&app.router).sign_in("ada", "customer").await;
    let first = client.clone();
    assert_eq!(told.words(), ["Created"]);
    client.get("/me").await;
    assert!(told.words().is_empty(), "verification tells nothing");

    client.refresh().await;
    first.clone().refresh().await;
    assert_eq!(told.words(), ["Refreshed", "Repeated"]);
    app.clock.advance(Duration::from_secs(31));
    first.clone().refresh().await;
    assert_eq!(told.words(), ["Recovered"]);
    client.post("/role", &json!("admin")).await;
    assert_eq!(told.words(), ["PayloadUpdated"]);
    client.refresh().await;
    first.clone().refresh().await;
    assert_eq!(told.words(), ["Refreshed", "Revoked", "Reused"]);

    let mut client = Client::with_headers(&app.router).sign_in("ada", "customer").await;
    client.post(SIGN_OUT, &json!({})).await;
    app.sessions.revoke_all_sessions_of_tenant().await.expect("a revocation");
    assert_eq!(told.words(), ["Created", "Revoked", "TenantRevoked"]);
    Client::with_headers(&app.router).sign_in("ada", "customer").await;
    app.clock.advance(Duration::from_secs(400 * 24 * 3600));
    app.sessions.purge().await.expect("a purge");
    assert_eq!(told.words(), ["Created", "Purged"]);
}

#[tokio::test]
async fn an_event_says_who_which_and_when() {
    let (app, told) = told().await;
    let session = app.sessions.create_new_session("ada", shopper(Role::Customer), Cart::default()).await;
    let session = session.expect("a session");
    let reason = session_runtime::RevocationReason::custom("password_changed").expect("a reason");
    app.clock.advance(Duration::from_secs(5));
    app.sessions.because(reason.clone()).revoke_all_sessions_for_user("ada").await.expect("a revocation");
    let events = told.take();
    let revoked = events.last().expect("an event");
    assert_eq!(revoked.kind, SessionEventKind::Revoked { reason });
    assert_eq!(revoked.at, app.clock.now());
    assert_eq!(revoked.handle.as_ref(), Some(session.handle()));
    assert_eq!(revoked.user_id.as_ref(), Some(session.user_id()));
    assert_eq!(revoked.tenant.as_ref(), Some(session.tenant()));
}

#[tokio::test]
async fn what_was_not_committed_is_not_told() {
    let told = Told::default();
    let sink = told.clone();
    let connection = in_memory().await;
    let app = App::built(connection.clone(), policy(), ManualClock::default(), |builder| {
        builder.events(move |event: &SessionEvent| sink.0.lock().expect("no panic").push(event.clone()))
    })
    .await;
    let mut client = Client::with_headers(&app.router).sign_in("ada", "customer").await;
    assert_eq!(told.words(), ["Created"]);
    connection
        .execute_unprepared(&format!("ALTER TABLE {} RENAME TO lost", table("session_audit")))
        .await
        .expect("a rename");
    assert_eq!(client.post("/logout", &json!({})).await.status, 503);
    connection
        .execute_unprepared(&format!("ALTER TABLE lost RENAME TO {}", table("session_audit")))
        .await
        .expect("a rename");
    assert!(told.words().is_empty());
}

#[tokio::test]
async fn no_token_is_in_an_event() {
    let (app, told) = told().await;
    let mut client = Client::with_headers(&app.router).sign_in("ada", "customer").await;
    let first = client.clone();
    client.refresh().await;
    client.get("/me").await;
    app.clock.advance(Duration::from_secs(31));
    first.clone().refresh().await.assert_refused(401, "token theft detected");
    let text = format!("{:?}", told.take());
    for token in [&first.access, &first.refresh, &client.access, &client.refresh] {
        let token = token.as_deref().expect("a token");
        assert!(token.split('.').filter(|part| part.len() >= 32).all(|part| !text.contains(part)));
    }
}

#[tokio::test]
async fn a_sink_that_panics_breaks_no_sign_in() {
    let app = App::built(in_memory().await, policy(), ManualClock::default(), |builder| {
        builder.events(|_: &SessionEvent| panic!("a sink with a mistake"))
    });
    let app = app.await;
    let session = app.sessions.create_new_session("ada", shopper(Role::Customer), Cart::default()).await;
    let session = session.expect("a session");
    let token = session.tokens().expect("tokens").access_token();
    assert!(app.sessions.verify::<Shopper, Cart>(token).is_ok());
    assert!(app.sessions.revoke_session(session.handle()).await.expect("a revocation"));
}
