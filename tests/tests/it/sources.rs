//! Payload sources: roles change, sessions follow with their next refresh; and what happens where the source fails.

use std::io;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use session_runtime::testing::ManualClock;
use session_runtime::{
    Keys, PayloadRequest, PayloadVerdict, PolicyBuilder, RefreshedSession, Session, SessionErrorKind, Sessions,
    SourceFailure,
};
use session_tests::app::{Cart, Role, SECRETS, Shopper, fresh, policy, prefix, shopper};
use session_tests::engine::Database;

/// What the source does, changed by the test as it goes.
#[derive(Clone, Default)]
struct Script(Arc<AtomicU8>, Arc<Mutex<Vec<Role>>>);

const KEEP: u8 = 0;
const PROMOTE: u8 = 1;
const END: u8 = 2;
const FAIL: u8 = 3;
const HANG: u8 = 4;
const GROW: u8 = 5;

impl Script {
    fn play(&self, act: u8) {
        self.0.store(act, Ordering::SeqCst);
    }

    async fn answer(self, request: PayloadRequest<Shopper>) -> Result<PayloadVerdict<Shopper>, io::Error> {
        self.1.lock().expect("asked").push(request.payload.role);
        match self.0.load(Ordering::SeqCst) {
            PROMOTE => Ok(PayloadVerdict::Replace(shopper(Role::Admin))),
            END => Ok(PayloadVerdict::EndSession),
            FAIL => Err(io::Error::other("the directory is down")),
            HANG => std::future::pending().await,
            GROW => Ok(PayloadVerdict::Replace(Shopper { name: "x".repeat(65), ..request.payload })),
            _ => Ok(PayloadVerdict::Keep),
        }
    }
}

async fn sessions(policy: PolicyBuilder, script: &Script) -> (Sessions, Option<Database>) {
    let (connection, database) = fresh().await;
    let script = script.clone();
    let policy = policy.payload_source_timeout(Duration::from_millis(10)).build().expect("a policy");
    let sessions = Sessions::builder(policy, Keys::from_secrets(SECRETS).expect("secrets"))
        .table_prefix(prefix())
        .clock(ManualClock::default())
        .payload_source(move |request| script.clone().answer(request))
        .with_connection(connection)
        .await
        .expect("sessions");
    (sessions, database)
}

async fn sign_in(sessions: &Sessions) -> (Session<Shopper, Cart>, String) {
    let session =
        sessions.create_new_session("ada", shopper(Role::Customer), Cart::default()).await.expect("signed in");
    let token = session.tokens().and_then(|tokens| tokens.refresh_token()).expect("a refresh token").to_owned();
    (session, token)
}

fn role(sessions: &Sessions, refreshed: &RefreshedSession) -> Role {
    let session = sessions.verify::<Shopper, Cart>(refreshed.tokens().access_token()).expect("a session");
    session.payload().role
}

#[tokio::test]
async fn a_new_role_is_in_the_token_and_in_the_row_after_one_refresh() {
    let script = Script::default();
    let (sessions, _database) = sessions(policy(), &script).await;
    let (session, token) = sign_in(&sessions).await;
    script.play(PROMOTE);
    let refreshed = sessions.refresh_session(&token).await.expect("a refresh");
    assert_eq!(role(&sessions, &refreshed), Role::Admin);
    let stored = sessions.session_information(session.handle()).await.expect("a look").expect("a session");
    assert_eq!(stored.payload::<Shopper>().expect("a payload").role, Role::Admin);
}

#[tokio::test]
async fn a_racing_tab_gets_what_the_first_one_stored_and_asks_nobody() {
    let script = Script::default();
    let (sessions, _database) = sessions(policy(), &script).await;
    let (_, token) = sign_in(&sessions).await;
    script.play(PROMOTE);
    let first = sessions.refresh_session(&token).await.expect("a refresh");
    script.play(KEEP);
    let second = sessions.refresh_session(&token).await.expect("a repeat");
    assert_eq!((role(&sessions, &first), role(&sessions, &second)), (Role::Admin, Role::Admin));
    assert_eq!(*script.1.lock().expect("asked"), [Role::Customer]);
}

#[tokio::test]
async fn a_source_that_fails_or_hangs_keeps_the_payload_by_default() {
    let script = Script::default();
    let (sessions, _database) = sessions(policy(), &script).await;
    let (_, mut token) = sign_in(&sessions).await;
    // The third answers a payload that is longer than it declares.
    for act in [FAIL, HANG, GROW] {
        script.play(act);
        let refreshed = sessions.refresh_session(&token).await.expect("a refresh");
        assert_eq!(role(&sessions, &refreshed), Role::Customer, "{act}");
        token = refreshed.tokens().refresh_token().expect("a refresh token").to_owned();
    }
}

#[tokio::test]
async fn a_source_that_fails_refuses_where_the_policy_says_so_and_costs_nobody_a_session() {
    let script = Script::default();
    let (sessions, _database) = sessions(policy().payload_source_failure(SourceFailure::Refuse), &script).await;
    let (session, token) = sign_in(&sessions).await;
    for act in [FAIL, HANG, GROW] {
        script.play(act);
        let refused = sessions.refresh_session(&token).await.expect_err("refused");
        assert_eq!(refused.kind(), SessionErrorKind::Unavailable, "{act}");
    }
    script.play(PROMOTE);
    assert!(sessions.refresh_session(&token).await.is_ok());
    let stored = sessions.session_information(session.handle()).await.expect("a look").expect("a session");
    assert_eq!(stored.generation().number(), 2, "refusals rotated nothing");
}

#[tokio::test]
async fn a_user_who_may_have_no_session_any_more_is_signed_out_at_the_next_refresh() {
    let script = Script::default();
    let (sessions, _database) = sessions(policy(), &script).await;
    let (session, token) = sign_in(&sessions).await;
    script.play(END);
    let refused = sessions.refresh_session(&token).await.expect_err("banned");
    assert_eq!(refused.kind(), SessionErrorKind::Unauthorised);
    assert!(sessions.session_information(session.handle()).await.expect("a look").is_none());
    let access = session.tokens().expect("tokens").access_token();
    assert!(sessions.verify::<Shopper, Cart>(access).is_err(), "its access token is refused too");
}
