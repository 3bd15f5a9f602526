//! What can be done with a session, in a request and without one, and what each operation costs.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::json;
use session_runtime::{NoData, NoPayload, SessionErrorKind, SessionHandle, TenantId, Timestamp, UserId};
use session_tests::app::{App, Cart, Role, Shopper, Staff, policy, shopper};
use session_tests::client::Client;

async fn signed_in(app: &App) -> session_runtime::Session<Shopper, Cart> {
    app.sessions.create_new_session("ada", shopper(Role::Customer), Cart::default()).await.expect("a session")
}

#[tokio::test]
async fn statement_budgets_hold() {
    let app = App::new().await;
    let (creates, mut session) = app.statements(signed_in(&app)).await;
    let token = session.tokens().expect("tokens").clone();
    let refresh = token.refresh_token().expect("a refresh token").to_owned();
    let access = token.access_token().to_owned();
    let handle = *session.handle();

    let (verifies, _) = app.statements(async { app.sessions.verify::<Shopper, Cart>(&access) }).await;
    let (checks, _) = app.statements(app.sessions.verify_authoritative::<Shopper, Cart>(&access)).await;
    let (refreshes, _) = app.statements(app.sessions.refresh_session(&refresh)).await;
    let (repeats, _) = app.statements(app.sessions.refresh_session(&refresh)).await;
    let (updates, _) = app.statements(session.update_data(|cart| cart.items.push(1))).await;
    let (updates_again, _) = app.statements(session.update_data(|cart| cart.items.push(2))).await;
    let (replaces, _) = app.statements(session.replace_data(&Cart::default())).await;
    let (payloads, _) = app.statements(session.update_payload(|shopper| shopper.role = Role::Admin)).await;
    let (lists, _) = app.statements(app.sessions.list_sessions("ada")).await;
    let (looks, _) = app.statements(app.sessions.session_information(&handle)).await;
    let (notes, _) = app.statements(app.sessions.flush_notes()).await;

    assert_eq!((creates, verifies, checks), (1, 0, 1), "create, verify, authoritative verify");
    // Where a rotation is one statement, a repeat is found out by it.
    let rotation = App::statements_of_a_rotation();
    assert_eq!((refreshes, repeats), (rotation, 3 - rotation), "refresh, repeat");
    assert_eq!(
        (updates, updates_again, replaces, payloads),
        (2, 1, 1, 3),
        "data with and without a read, replace, payload"
    );
    assert_eq!((lists, looks, notes), (1, 1, 1), "list, look up, flush of notes");
}

#[tokio::test]
async fn r7_s10_a_session_ends_with_its_absolute_timeout_however_often_it_is_refreshed() {
    let hour = Duration::from_secs(3600);
    let app = App::with(policy().idle_timeout(2 * hour).absolute_timeout(5 * hour)).await;
    let mut client = Client::with_headers(&app.router).sign_in("ada", "customer").await;
    for _ in 0..4 {
        app.clock.advance(hour);
        assert_eq!(client.refresh().await.status, 200);
    }
    app.clock.advance(Duration::from_secs(1800));
    assert_eq!(client.refresh().await.status, 200);
    // V7.3.2: the last access token is cut off with the session, half an hour before its own hour is over.
    app.clock.advance(Duration::from_secs(1800));
    client.get("/me").await.assert_refused(401, "try refresh token");
    client.refresh().await.assert_refused(401, "unauthorised").assert_tokens_cleared();
}

#[tokio::test]
async fn r6_s9_a_session_ends_when_it_is_idle() {
    let hour = Duration::from_secs(3600);
    let app = App::with(policy().idle_timeout(2 * hour)).await;
    let mut client = Client::with_headers(&app.router).sign_in("ada", "customer").await;
    app.clock.advance(2 * hour);
    client.refresh().await.assert_refused(401, "unauthorised").assert_tokens_cleared();
    assert!(app.sessions.list_sessions("ada").await.expect("a list").is_empty());
}

#[tokio::test]
async fn r4_reused_refresh_token_revokes_the_session() {
    let app = App::new().await;
    let mut victim = Client::with_headers(&app.router).sign_in("ada", "customer").await;
    let mut thief = victim.clone();
    assert_eq!(thief.refresh().await.status, 200);
    assert_eq!(thief.get("/me").await.status, 200);
    app.clock.advance(Duration::from_secs(31));
    victim.refresh().await.assert_refused(401, "token theft detected").assert_tokens_cleared();
    thief.get("/me").await.assert_refused(401, "unauthorised").assert_tokens_cleared();
    thief.refresh = victim.refresh.clone();
    thief.refresh().await.assert_refused(401, "unauthorised");
    assert!(app.sessions.list_sessions("ada").await.expect("a list").is_empty());
}

#[tokio::test]
async fn the_caller_learns_whose_token_was_reused() {
    let app = App::new().await;
    let session = signed_in(&app).await;
    let first = session.tokens().and_then(|tokens| tokens.refresh_token()).expect("a refresh token").to_owned();
    let second = app.sessions.refresh_session(&first).await.expect("a refresh");
    let third = app.sessions.refresh_session(second.tokens().refresh_token().expect("a refresh token")).await;
    assert!(third.is_ok());
    let error = app.sessions.refresh_session(&first).await.expect_err("reuse");
    assert_eq!(error.kind(), SessionErrorKind::TokenTheft);
    assert_eq!(error.stolen(), Some((session.handle(), session.user_id())));
}

#[tokio::test]
async fn v7_4_1_a_revoked_session_is_refused_at_once_and_stays_gone() {
    let app = App::new().await;
    let mut client = Client::with_cookies(&app.router).sign_in("ada", "customer").await;
    let handle = app.sessions.list_sessions("ada").await.expect("a list")[0].handle().to_owned();
    assert!(app.sessions.revoke_session(&handle).await.expect("a revocation"));
    assert!(!app.sessions.revoke_session(&handle).await.expect("nothing to revoke"));
    client.clone().get("/me").await.assert_refused(401, "unauthorised").assert_tokens_cleared();
    client.refresh().await.assert_refused(401, "unauthorised").assert_tokens_cleared();
}

#[tokio::test]
async fn saves_in_flight_do_not_bring_a_revoked_session_back() {
    let app = App::new().await;
    let mut session = signed_in(&app).await;
    // The slow handler has read already when the user signs out elsewhere.
    session.update_data(|cart| cart.items.push(1)).await.expect("an update");
    app.sessions.revoke_session(session.handle()).await.expect("a revocation");
    for kind in [
        session.update_data(|cart| cart.items.push(2)).await.map(drop).expect_err("over").kind(),
        session.replace_data(&Cart::default()).await.expect_err("over").kind(),
        session.update_payload(|shopper| shopper.role = Role::Admin).await.expect_err("over").kind(),
        session.data().await.map(drop).expect_err("over").kind(),
    ] {
        assert_eq!(kind, SessionErrorKind::Unauthorised);
    }
    assert!(app.sessions.session_information(session.handle()).await.expect("a look").is_none());
}

#[tokio::test]
async fn v7_4_3_all_of_a_user_or_all_others_can_be_revoked() {
    let app = App::new().await;
    let (first, second, third) = (signed_in(&app).await, signed_in(&app).await, signed_in(&app).await);
    let other = app.sessions.create_new_session::<_, Cart>("bob", shopper(Role::Customer), Cart::default()).await;
    let revoked = first.revoke_others().await.expect("a revocation");
    assert_eq!(HashSet::from_iter(revoked), HashSet::from([*second.handle(), *third.handle()]));
    assert_eq!(app.sessions.revoke_all_sessions_for_user("ada").await.expect("a revocation"), [*first.handle()]);
    let other = other.expect("a session");
    assert!(app.sessions.session_information(other.handle()).await.expect("a look").is_some());
}

#[tokio::test]
async fn a_session_made_right_after_revoking_all_is_good() {
    let app = App::new().await;
    signed_in(&app).await.data().await.expect("data");
    app.sessions.revoke_all_sessions_for_user("ada").await.expect("a revocation");
    let session = signed_in(&app).await;
    let token = session.tokens().expect("tokens").access_token();
    assert!(app.sessions.verify::<Shopper, Cart>(token).is_ok(), "within the same millisecond");
}

#[tokio::test]
async fn session_data_starts_as_its_default_and_survives_every_refresh() {
    let app = App::new().await;
    let mut client = Client::with_cookies(&app.router).sign_in("ada", "customer").await;
    client.get("/cart").await.assert(200, &json!({ "items": [] }));
    client.post("/cart", &json!(7)).await.assert(200, &json!({ "items": [7] }));
    client.refresh().await;
    client.get("/cart").await.assert(200, &json!({ "items": [7] }));
}

#[tokio::test]
async fn concurrent_updates_all_take_effect() {
    let app = App::new().await;
    let session = signed_in(&app).await;
    let token = session.tokens().expect("tokens").access_token().to_owned();
    let mut tasks = tokio::task::JoinSet::new();
    for item in 0..20 {
        let session = app.sessions.verify::<Shopper, Cart>(&token).expect("a session");
        tasks.spawn(async move { session.update_data(|cart| cart.items.push(item)).await.map(drop) });
    }
    while let Some(done) = tasks.join_next().await {
        done.expect("no panic").expect("an update");
    }
    let mut items = session.data().await.expect("data").items;
    items.sort_unstable();
    assert_eq!(items, (0..20).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_payload_changed_by_handle_is_in_force_at_once_and_comes_with_a_refresh() {
    let app = App::new().await;
    let mut client = Client::with_headers(&app.router).sign_in("ada", "customer").await;
    let handle = app.sessions.list_sessions("ada").await.expect("a list")[0].handle().to_owned();
    let changed = app.sessions.update_payload::<Shopper>(&handle, |shopper| shopper.role = Role::Admin).await;
    assert_eq!(changed.expect("a change").role, Role::Admin);
    client.get("/me").await.assert_refused(401, "try refresh token").assert_tokens_left_alone();
    client.refresh().await;
    client.get("/me").await.assert(200, &json!({ "user": "ada", "role": "admin" }));
}

#[tokio::test]
async fn a_payload_change_starts_from_the_database_and_not_from_the_presented_token() {
    let app = App::new().await;
    let mut session = signed_in(&app).await;
    let renamed = app.sessions.update_payload::<Shopper>(session.handle(), |shopper| shopper.name = "Countess".into());
    renamed.await.expect("a change");
    session.update_payload(|shopper| shopper.role = Role::Admin).await.expect("a change");
    assert_eq!(session.payload(), &Shopper { role: Role::Admin, name: "Countess".into() });
}

#[tokio::test]
async fn last_seen_is_written_in_batches() {
    let app = App::new().await;
    let session = signed_in(&app).await;
    let token = session.tokens().expect("tokens").access_token().to_owned();
    let created = app.sessions.session_information(session.handle()).await.expect("a look").expect("a session");
    app.clock.advance(Duration::from_secs(90));
    assert!(app.sessions.verify::<Shopper, Cart>(&token).is_ok());
    app.sessions.flush_notes().await.expect("a flush");
    let seen = app.sessions.session_information(session.handle()).await.expect("a look").expect("a session");
    assert_eq!(created.last_seen_at().until(seen.last_seen_at()), Duration::from_secs(90));
}

#[tokio::test]
async fn user_ids_are_1_to_128_visible_characters() {
    let app = App::new().await;
    let longest = "é".repeat(128);
    for good in ["a", longest.as_str(), "a@b.example", "Ω-17"] {
        let created = app.sessions.create_new_session::<_, NoData>(good, NoPayload, NoData).await;
        let session = created.expect(good);
        let token = session.tokens().expect("tokens").access_token();
        assert_eq!(app.sessions.verify::<NoPayload, NoData>(token).expect(good).user_id().as_str(), good);
    }
    let too_long = "a".repeat(129);
    for bad in ["", too_long.as_str(), "a b", "a\n", "\0", "a\u{200b}", "\u{feff}a"] {
        let refused = app.sessions.create_new_session::<_, NoData>(bad, NoPayload, NoData).await;
        assert_eq!(refused.expect_err("no user id").kind(), SessionErrorKind::InvalidInput, "{bad:?}");
        assert!(app.sessions.list_sessions(bad).await.is_err() && UserId::new(bad).is_err());
    }
}

#[tokio::test]
async fn sessions_of_another_tenant_do_not_exist() {
    let app = App::new().await;
    let acme = app.sessions.in_tenant(TenantId::new("acme").expect("a tenant"));
    let session = acme.create_new_session("ada", shopper(Role::Customer), Cart::default()).await.expect("a session");
    let public = &app.sessions;
    assert!(public.session_information(session.handle()).await.expect("a look").is_none());
    assert!(public.list_sessions("ada").await.expect("a list").is_empty());
    assert!(!public.revoke_session(session.handle()).await.expect("nothing"));
    assert!(public.revoke_all_sessions_for_user("ada").await.expect("nothing").is_empty());
    assert!(public.update_data::<Cart>(session.handle(), |_| {}).await.is_err());
    assert_eq!(acme.list_sessions("ada").await.expect("a list").len(), 1);

    // A token says itself which tenant it is of.
    let tokens = session.tokens().expect("tokens");
    let verified = public.verify::<Shopper, Cart>(tokens.access_token()).expect("a session");
    assert_eq!(verified.tenant(), acme.tenant());
    verified.update_data(|cart| cart.items.push(1)).await.expect("an update");
    let refreshed = public.refresh_session(tokens.refresh_token().expect("a refresh token")).await;
    assert!(refreshed.is_ok());
}

#[tokio::test]
async fn unknown_handles_are_typed_outcomes() {
    let app = App::new().await;
    let unknown: SessionHandle = "0190b7a0-6b1c-7cc3-98c4-dc0c0c07398f".parse().expect("a handle");
    assert!(app.sessions.session_information(&unknown).await.expect("a look").is_none());
    assert!(app.sessions.data::<Cart>(&unknown).await.expect("a look").is_none());
    let error = app.sessions.replace_data(&unknown, &Cart::default()).await.expect_err("no session");
    assert_eq!(error.kind(), SessionErrorKind::NotFound, "the caller is signed in, whoever else is not");
    for text in ["", "x", "0190B7A0-6B1C-7CC3-98C4-DC0C0C07398F", "{0190b7a0-6b1c-7cc3-98c4-dc0c0c07398f}"] {
        assert!(text.parse::<SessionHandle>().is_err(), "{text}");
    }
}

#[tokio::test]
async fn stored_payloads_and_data_of_another_kind_are_typed_errors() {
    let app = App::new().await;
    let session = signed_in(&app).await;
    let found = app.sessions.session_information(session.handle()).await.expect("a look").expect("a session");
    assert_eq!(found.payload::<Shopper>().expect("a payload"), shopper(Role::Customer));
    assert_eq!(found.payload::<Staff>().expect_err("another kind").kind(), SessionErrorKind::Unreadable);
    let data = app.sessions.data::<NoData>(session.handle()).await;
    assert_eq!(data.map(drop).expect_err("another kind").kind(), SessionErrorKind::Unreadable);
}

#[tokio::test]
async fn a_clock_that_goes_back_signs_nobody_out() {
    let app = App::new().await;
    let mut client = Client::with_headers(&app.router).sign_in("ada", "customer").await;
    client.refresh().await;
    app.clock.set(Timestamp::from_millis(0));
    assert_eq!(client.get("/me").await.status, 200);
    assert_eq!(client.refresh().await.status, 200);
}

#[tokio::test]
async fn a_payload_too_large_for_its_cookie_is_refused_before_anything_is_stored() {
    let app = App::new().await;
    let name = "x".repeat(65);
    let refused = app.sessions.create_new_session("ada", Shopper { role: Role::Admin, name }, Cart::default()).await;
    assert_eq!(refused.expect_err("too long").kind(), SessionErrorKind::InvalidInput);
    assert!(app.sessions.list_sessions("ada").await.expect("a list").is_empty());
}
