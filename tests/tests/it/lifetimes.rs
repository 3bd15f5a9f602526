//! How long things are good for: by policy, by session, by token.

use std::collections::HashSet;
use std::time::Duration;

use session_runtime::{NoData, NoPayload, Session, SessionErrorKind, Sessions};
use session_tests::app::{App, Cart, Role, policy, refresh_token, shopper};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn sign_in(sessions: &Sessions) -> Session {
    sessions.create_new_session("ada", NoPayload, NoData).await.expect("a session")
}

#[tokio::test]
async fn s9_s10_a_session_of_its_own_lifetimes_keeps_them_through_refreshes() {
    let app = App::new().await;
    let staff = app.sessions.with_idle_timeout(30 * MINUTE).with_absolute_timeout(2 * HOUR);
    let mut token = refresh_token(&sign_in(&staff).await);
    // Refreshed by a handle that knows nothing of them, as the ready-made route is.
    for _ in 0..5 {
        app.clock.advance(20 * MINUTE);
        let refreshed = app.sessions.refresh_session(&token).await.expect("within the idle timeout");
        token = refreshed.tokens().refresh_token().expect("a refresh token").to_owned();
    }
    app.clock.advance(20 * MINUTE);
    let over = app.sessions.refresh_session(&token).await.expect_err("two hours are over");
    assert_eq!(over.kind(), SessionErrorKind::Unauthorised);

    let idle = refresh_token(&sign_in(&staff).await);
    app.clock.advance(30 * MINUTE);
    assert!(app.sessions.refresh_session(&idle).await.is_err());
}

#[tokio::test]
async fn remember_me_outlives_the_policy() {
    let app = App::with(policy().idle_timeout(DAY).absolute_timeout(7 * DAY)).await;
    let remembered = app.sessions.with_idle_timeout(30 * DAY).with_absolute_timeout(90 * DAY);
    let token = refresh_token(&sign_in(&remembered).await);
    app.clock.advance(29 * DAY);
    assert!(app.sessions.refresh_session(&token).await.is_ok());
}

#[tokio::test]
async fn v7_3_2_an_access_token_ends_with_a_session_that_is_shorter_than_it() {
    let app = App::new().await;
    let session = sign_in(&app.sessions.with_absolute_timeout(10 * MINUTE)).await;
    assert_eq!(session.issued_at().until(session.expires_at()), 10 * MINUTE);
    let token = session.tokens().expect("tokens").access_token().to_owned();
    app.clock.advance(10 * MINUTE);
    let refused = app.sessions.verify::<NoPayload, NoData>(&token).expect_err("it is over");
    assert_eq!(refused.kind(), SessionErrorKind::TryRefreshToken);
}

#[tokio::test]
async fn a_session_of_short_tokens_gets_short_ones_at_each_refresh() {
    let app = App::new().await;
    let session = sign_in(&app.sessions.with_access_token_lifetime(5 * MINUTE)).await;
    assert_eq!(session.issued_at().until(session.expires_at()), 5 * MINUTE);
    let refreshed = app.sessions.refresh_session(&refresh_token(&session)).await.expect("a refresh");
    assert_eq!(app.sessions.now().until(refreshed.tokens().access_expires_at()), 5 * MINUTE);
}

#[tokio::test]
async fn one_refresh_can_be_shortened_and_none_lengthened() {
    let app = App::new().await;
    let first = refresh_token(&sign_in(&app.sessions).await);
    for (asked, given) in [(MINUTE, MINUTE), (2 * HOUR, HOUR), (Duration::ZERO, Duration::from_secs(1))] {
        let sessions = app.sessions.with_access_token_lifetime(asked);
        // Within the grace the same token is good again.
        let refreshed = sessions.refresh_session(&first).await.expect("a refresh");
        assert_eq!(app.sessions.now().until(refreshed.tokens().access_expires_at()), given, "{asked:?}");
    }
}

#[tokio::test]
async fn lifetimes_that_do_not_hold_are_refused_and_nothing_is_stored() {
    let app = App::new().await;
    for sessions in [
        app.sessions.with_idle_timeout(Duration::ZERO),
        app.sessions.with_absolute_timeout(Duration::from_millis(1)),
        app.sessions.with_absolute_timeout(401 * DAY),
        app.sessions.with_idle_timeout(2 * DAY).with_absolute_timeout(DAY),
    ] {
        let refused = sessions.create_new_session("ada", NoPayload, NoData).await.expect_err("it does not hold");
        assert_eq!(refused.kind(), SessionErrorKind::InvalidInput);
    }
    assert!(app.sessions.list_sessions("ada").await.expect("a list").is_empty());
}

#[tokio::test]
async fn jitter_shortens_by_up_to_its_share_and_differs_by_session_and_generation() {
    let app = App::with(policy().access_token_jitter(25)).await;
    let mut lifetimes = HashSet::new();
    for _ in 0..40 {
        let session = sign_in(&app.sessions).await;
        let refreshed = app.sessions.refresh_session(&refresh_token(&session)).await.expect("a refresh");
        lifetimes.insert(session.issued_at().until(session.expires_at()));
        lifetimes.insert(app.sessions.now().until(refreshed.tokens().access_expires_at()));
    }
    assert!(lifetimes.iter().all(|lifetime| (45 * MINUTE - Duration::from_secs(1)..=HOUR).contains(lifetime)));
    let (shortest, longest) = (lifetimes.iter().min().expect("one"), lifetimes.iter().max().expect("one"));
    assert!(lifetimes.len() > 40 && *longest - *shortest > 10 * MINUTE, "{lifetimes:?}");
}

#[tokio::test]
async fn session_data_over_the_policys_size_is_refused_and_what_was_stored_stays() {
    let app = App::with(policy().max_session_data(100)).await;
    let session =
        app.sessions.create_new_session("ada", shopper(Role::Customer), Cart::default()).await.expect("small");
    session.update_data(|cart| cart.items.push(7)).await.expect("small");
    let grown = session.update_data(|cart| cart.items.resize(100, 1)).await.expect_err("too large");
    assert_eq!(grown.kind(), SessionErrorKind::InvalidInput);
    let replaced = Cart { items: vec![1; 100], ..Cart::default() };
    assert!(session.replace_data(&replaced).await.is_err());
    assert!(app.sessions.update_data::<Cart>(session.handle(), |cart| cart.items.resize(100, 1)).await.is_err());
    assert!(app.sessions.create_new_session("bob", shopper(Role::Customer), replaced).await.is_err());
    assert_eq!(session.data().await.expect("data").items, [7]);
}

#[tokio::test]
async fn a_clock_that_is_an_hour_behind_for_a_moment_signs_nobody_out() {
    let app = App::new().await;
    let session = sign_in(&app.sessions.with_idle_timeout(30 * MINUTE)).await;
    app.clock.advance(10 * MINUTE);
    let right = app.sessions.now();
    app.clock.set(right.before(HOUR));
    let refreshed = app.sessions.refresh_session(&refresh_token(&session)).await.expect("a refresh");
    let token = refreshed.tokens().refresh_token().expect("a refresh token").to_owned();
    assert!(app.sessions.session_information(session.handle()).await.expect("a look").is_some());
    app.clock.set(right.after(10 * MINUTE));
    let refreshed = app.sessions.refresh_session(&token).await.expect("idle for 10 minutes, not for 70");
    assert!(app.sessions.verify::<NoPayload, NoData>(refreshed.tokens().access_token()).is_ok());
}

#[tokio::test]
async fn nothing_is_saved_into_a_session_whose_time_is_over() {
    let app = App::new().await;
    let cart = Cart { items: vec![1], ..Cart::default() };
    let short = app.sessions.with_absolute_timeout(HOUR);
    let mut session = short.create_new_session("ada", shopper(Role::Customer), cart).await.expect("a session");
    let handle = *session.handle();
    session.update_data(|cart| cart.items.push(2)).await.expect("an update");
    let mut edit = session.edit_data().await.expect("an edit");
    let by_handle = app.sessions.edit_data::<Cart>(&handle).await.expect("an edit");
    edit.items.push(3);
    app.clock.advance(HOUR);
    for refused in [
        session.replace_data(&Cart::default()).await,
        session.update_data(|cart| cart.items.push(4)).await.map(drop),
        session.update_payload(|shopper| shopper.role = Role::Admin).await,
        session.reauthenticated().await,
        edit.save().await.map(drop),
    ] {
        assert_eq!(refused.expect_err("over").kind(), SessionErrorKind::Unauthorised);
    }
    assert_eq!(by_handle.save().await.expect_err("over").kind(), SessionErrorKind::NotFound);
    app.clock.set(app.sessions.now().before(HOUR / 2));
    assert_eq!(app.sessions.data::<Cart>(&handle).await.expect("data").expect("a session").items, [1, 2]);
}
