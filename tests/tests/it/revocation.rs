//! Ending sessions: which, why, and what nobody brings back.

use session_runtime::{RevocationReason, Session, SessionErrorKind};
use session_tests::app::{App, Cart, Role, Shopper, shopper};
use session_tests::client::{Client, SIGN_OUT};

fn because(word: &str) -> RevocationReason {
    RevocationReason::custom(word).expect("a reason")
}

async fn signed_in(app: &App, user: &str) -> Session<Shopper, Cart> {
    app.sessions.create_new_session(user, shopper(Role::Customer), Cart::default()).await.expect("a session")
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
    let connection = session_tests::app::in_memory().await;
    let clock = session_runtime::testing::ManualClock::default();
    let here = App::on(connection.clone(), session_tests::app::policy(), clock.clone()).await;
    let there = App::on(connection, session_tests::app::policy(), clock).await;
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
    app.sessions.refresh_session(second.tokens().refresh_token().expect("a refresh token")).await.expect("a refresh");
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
