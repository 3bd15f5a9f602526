//! From one session to the next: signing in anew, from an anonymous session, and as somebody else.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::routing::post;
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use session_runtime::claims::{identified, not_impersonated};
use session_runtime::{
    NoData, NoPayload, Session, SessionData, SessionError, SessionErrorKind, SessionHandle, Sessions,
};
use session_tests::app::{App, Cart, Role, Shopper, policy, shopper};
use session_tests::client::Client;
use tokio::runtime::Handle;

const HOUR: Duration = Duration::from_secs(60 * 60);

type Visitor = Session<NoPayload, Cart>;

async fn visitor(app: &App, items: &[u32]) -> Visitor {
    let cart = Cart { items: items.to_vec(), ..Cart::default() };
    app.sessions.create_anonymous_session(NoPayload, cart).await.expect("a session")
}

async fn is_live(sessions: &Sessions, handle: &SessionHandle) -> bool {
    sessions.session_information(handle).await.expect("a look").is_some()
}

fn access_token<P: session_runtime::AccessTokenPayload, D: SessionData>(session: &Session<P, D>) -> String {
    session.tokens().expect("tokens").access_token().to_owned()
}

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("a payload");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).expect("base64url")).expect("JSON")
}

#[tokio::test]
async fn an_anonymous_session_is_a_session_that_says_so() {
    let app = App::new().await;
    let session = visitor(&app, &[7]).await;
    assert!(session.is_anonymous() && session.user_id().as_str().starts_with("anonymous:"));
    assert_eq!(session.require(&identified()).expect_err("nobody known").kind(), SessionErrorKind::InvalidClaims);
    let refresh = session.tokens().and_then(|tokens| tokens.refresh_token()).expect("a refresh token");
    let refreshed = app.sessions.refresh_session(refresh).await.expect("a refresh");
    let again = app.sessions.verify::<NoPayload, Cart>(refreshed.tokens().access_token()).expect("a session");
    assert!(again.is_anonymous(), "a refresh makes nobody known");
}

#[tokio::test]
async fn v7_2_4_signing_in_takes_the_data_along_under_a_new_handle_and_ends_the_old_session() {
    let app = App::new().await;
    let old = visitor(&app, &[1, 2]).await;
    let (old_handle, old_token) = (*old.handle(), access_token(&old));
    let carry = |cart: Cart| Cart { items: [cart.items, vec![3]].concat(), ..Cart::default() };
    let new = old.sign_in::<_, Cart>("ada", shopper(Role::Customer), carry).await.expect("signed in");
    assert!(!new.is_anonymous() && *new.handle() != old_handle);
    assert!(new.require(&identified()).is_ok());
    assert_eq!(new.data().await.expect("data").items, [1, 2, 3]);
    assert!(!is_live(&app.sessions, &old_handle).await);
    assert!(app.sessions.verify::<NoPayload, Cart>(&old_token).is_err(), "its token is refused at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_beside_the_sign_in_is_carried_along() {
    let app = App::new().await;
    let old = visitor(&app, &[1]).await;
    let (sessions, handle) = (app.sessions.clone(), *old.handle());
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let carry = move |cart: Cart| {
        // Another tab is faster, once: it writes after the cart was read.
        if counted.fetch_add(1, Ordering::SeqCst) == 0 {
            let written = sessions.update_data::<Cart>(&handle, |cart| cart.items.push(2));
            tokio::task::block_in_place(|| Handle::current().block_on(written)).expect("written");
        }
        cart
    };
    let new = old.sign_in::<_, Cart>("ada", NoPayload, carry).await.expect("signed in");
    assert_eq!(new.data().await.expect("data").items, [1, 2]);
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn signing_in_from_a_session_that_is_over_creates_nothing() {
    let app = App::new().await;
    let old = visitor(&app, &[1]).await;
    app.sessions.revoke_session(old.handle()).await.expect("a revocation");
    let refused = old.sign_in::<_, Cart>("ada", NoPayload, |cart| cart).await.expect_err("it is over");
    assert_eq!(refused.kind(), SessionErrorKind::Unauthorised);
    assert!(app.sessions.list_sessions("ada").await.expect("a list").is_empty());
}

#[tokio::test]
async fn a_sign_in_that_cannot_be_stored_leaves_the_visitor_his_session() {
    let app = App::with(policy().max_session_data(60)).await;
    let old = visitor(&app, &[1]).await;
    let handle = *old.handle();
    let carry = |cart: Cart| Cart { items: vec![9; 100], ..cart };
    assert!(old.sign_in::<_, Cart>("ada", NoPayload, carry).await.is_err());
    assert!(is_live(&app.sessions, &handle).await);
}

#[tokio::test]
async fn v7_2_4_signing_in_while_signed_in_ends_the_session_that_was() {
    for travelling in [Client::with_cookies, Client::with_headers] {
        let app = App::new().await;
        let mut client = travelling(&app.router).sign_in("ada", "customer").await;
        let old = app.sessions.list_sessions("ada").await.expect("a list")[0].handle().to_owned();
        let stolen = client.clone();
        assert_eq!(client.post("/login", &json!({ "user": "bob", "role": "admin" })).await.status, 200);
        assert!(!is_live(&app.sessions, &old).await);
        stolen.clone().get("/me").await.assert_refused(401, "unauthorised");
        client.get("/me").await.assert(200, &json!({ "user": "bob", "role": "admin" }));
    }
}

#[tokio::test]
async fn v7_2_4_also_where_its_access_token_has_expired() {
    let app = App::new().await;
    let mut client = Client::with_cookies(&app.router).sign_in("ada", "customer").await;
    let old = app.sessions.list_sessions("ada").await.expect("a list")[0].handle().to_owned();
    app.clock.advance(2 * HOUR);
    assert_eq!(client.post("/login", &json!({ "user": "ada", "role": "admin" })).await.status, 200);
    assert!(!is_live(&app.sessions, &old).await);
}

#[tokio::test]
async fn a_session_for_somebody_else_ends_nobodys() {
    async fn invite(sessions: Sessions, _own: Session<Shopper, Cart>) -> Result<Json<Value>, SessionError> {
        let guest = sessions.detached().create_new_session::<_, NoData>("guest", NoPayload, NoData).await?;
        Ok(Json(json!({ "guest": guest.handle() })))
    }
    let app = App::new().await;
    let router = app.sessions.mount(session_tests::app::routes().merge(Router::new().route("/invite", post(invite))));
    let mut client = Client::with_cookies(&router).sign_in("ada", "customer").await;
    assert_eq!(client.post("/invite", &json!({})).await.status, 200);
    assert_eq!(client.get("/me").await.status, 200);
}

/// Handlers that take nothing but a session.
fn turning_into_bob(app: &App) -> Router {
    async fn sign_in(session: Session<Shopper, Cart>) -> Result<Json<Value>, SessionError> {
        let session = session.sign_in::<_, Cart>("bob", shopper(Role::Customer), |cart| cart).await?;
        Ok(Json(json!({ "user": session.user_id() })))
    }
    async fn impersonate(session: Session<Shopper, Cart>) -> Result<Json<Value>, SessionError> {
        let session = session.impersonate("bob", shopper(Role::Customer), Cart::default()).await?;
        Ok(Json(json!({ "user": session.user_id() })))
    }
    let routes = Router::new().route("/sign-in", post(sign_in)).route("/impersonate", post(impersonate));
    app.sessions.mount(session_tests::app::routes().merge(routes))
}

#[tokio::test]
async fn v7_2_4_a_session_that_turns_into_another_ends_and_its_tokens_travel_as_they_did() {
    for path in ["/sign-in", "/impersonate"] {
        for travelling in [Client::with_cookies, Client::with_headers] {
            let app = App::new().await;
            let mut client = travelling(&turning_into_bob(&app)).sign_in("ada", "customer").await;
            let old = app.sessions.list_sessions("ada").await.expect("a list")[0].handle().to_owned();
            let mut stolen = client.clone();
            let reply = client.post(path, &json!({})).await;
            reply.assert(200, &json!({ "user": "bob" }));
            let by_cookie = reply.set_cookies("sAccessToken").len();
            let by_header = usize::from(reply.header("st-access-token").is_some());
            assert_eq!((by_cookie, by_header), if client.access.is_none() { (1, 0) } else { (0, 1) }, "{path}");
            client.get("/me").await.assert(200, &json!({ "user": "bob", "role": "customer" }));
            assert!(!is_live(&app.sessions, &old).await, "{path}");
            stolen.get("/me").await.assert_refused(401, "unauthorised");
        }
    }
}

#[tokio::test]
async fn a_session_that_turns_into_another_leaves_no_tokens_of_the_other_transport() {
    for path in ["/sign-in", "/impersonate"] {
        let app = App::new().await;
        let router = turning_into_bob(&app);
        let cookies = Client::with_cookies(&router).sign_in("ada", "customer").await;
        let refresh = cookies.cookies.get("sRefreshToken").map(|(value, _)| value.to_owned()).expect("a cookie");
        let left = format!("sRefreshToken={refresh}");
        let mut client = Client::with_headers(&router).sign_in("ada", "customer").await.sending("cookie", &left);
        let removed = client.post(path, &json!({})).await;
        assert!(removed.set_cookies("sRefreshToken").iter().any(|line| line.contains("1970")), "{path}");

        let mut client = cookies.sending("authorization", &format!("Bearer {refresh}"));
        let removed = client.post(path, &json!({})).await;
        assert_eq!((removed.status.as_u16(), removed.header("st-refresh-token")), (200, Some("")), "{path}");
    }
}

#[tokio::test]
async fn impersonation_names_the_actor_and_ends_by_itself() {
    let app = App::new().await;
    let staff = app.sessions.create_new_session::<_, NoData>("grace", NoPayload, NoData).await.expect("a session");
    let acting = staff.impersonate("ada", shopper(Role::Customer), Cart::default()).await.expect("a session");
    assert_eq!(acting.user_id().as_str(), "ada");
    assert_eq!(acting.actor(), Some(staff.user_id()));
    assert_eq!(acting.require(&not_impersonated()).expect_err("acted for").kind(), SessionErrorKind::InvalidClaims);
    assert!(staff.require(&not_impersonated()).is_ok());
    assert!(is_live(&app.sessions, staff.handle()).await, "outside a request it goes on");
    let listed = &app.sessions.list_sessions("ada").await.expect("a list")[0];
    assert_eq!(listed.actor(), Some(staff.user_id()));

    app.clock.advance(HOUR / 2);
    let refresh = acting.tokens().and_then(|tokens| tokens.refresh_token()).expect("a refresh token");
    let refreshed = app.sessions.refresh_session(refresh).await.expect("a refresh");
    let again = app.sessions.verify::<Shopper, Cart>(refreshed.tokens().access_token()).expect("a session");
    assert_eq!(again.actor(), Some(staff.user_id()), "a refresh does not forget the actor");
    app.clock.advance(HOUR / 2);
    assert!(app.sessions.verify::<Shopper, Cart>(refreshed.tokens().access_token()).is_err(), "its hour is over");
    let refresh = refreshed.tokens().refresh_token().expect("a refresh token");
    assert!(app.sessions.refresh_session(refresh).await.is_err());
}

#[tokio::test]
async fn the_access_token_says_who_acts_as_the_user() {
    let app = App::new().await;
    let staff = app.sessions.create_new_session::<_, NoData>("grace", NoPayload, NoData).await.expect("a session");
    let acting = staff.impersonate("ada", NoPayload, NoData).await.expect("a session");
    // RFC 8693 §4.1.
    assert_eq!(claims(&access_token(&acting))["act"], json!({ "sub": "grace" }));
}

#[tokio::test]
async fn who_acts_as_somebody_or_is_nobody_known_cannot_act_as_another() {
    let app = App::new().await;
    let staff = app.sessions.create_new_session::<_, NoData>("grace", NoPayload, NoData).await.expect("a session");
    let acting = staff.impersonate("ada", NoPayload, NoData).await.expect("a session");
    let nested = acting.impersonate("bob", NoPayload, NoData).await.expect_err("nested");
    assert_eq!(nested.kind(), SessionErrorKind::InvalidInput);
    assert!(visitor(&app, &[]).await.impersonate("bob", NoPayload, NoData).await.is_err());
    assert!(app.sessions.list_sessions("bob").await.expect("a list").is_empty());
}
