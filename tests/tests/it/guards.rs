//! Guards at the door: extractor types, layers, step-up, and claims that are fetched anew.

use std::borrow::Cow;
use std::time::Duration;

use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use session_runtime::claims::{ClaimFailures, Guard, Subject};
use session_runtime::testing::ManualClock;
use session_runtime::{
    AccessTokenPayload, Authoritative, Claim, GuardLayer, Guarded, NoData, Recent, Session, SessionError, Sessions,
};
use session_tests::app::{App, in_memory, policy};
use session_tests::client::Client;

#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, AccessTokenPayload)]
struct Member {
    admin: bool,
    email_verified: Claim<bool>,
}

#[derive(Default)]
struct AdminOnly;

impl Guard<Member> for AdminOnly {
    fn id(&self) -> Cow<'static, str> {
        "admin-only".into()
    }

    fn check(&self, subject: &Subject<'_, Member>) -> Result<(), ClaimFailures> {
        Member::ADMIN.is(true).id(self.id()).check(subject)
    }
}

type Own = Session<Member, NoData>;

async fn sign_in(sessions: Sessions, Json(admin): Json<bool>) -> Result<(), SessionError> {
    let payload = Member { admin, email_verified: Claim::at_millis(false, 0) };
    sessions.create_new_session::<_, NoData>("ada", payload, NoData).await.map(drop)
}

async fn step_up(mut session: Own) -> Result<(), SessionError> {
    session.reauthenticated().await
}

async fn verified(mut session: Own, sessions: Sessions) -> Result<(), SessionError> {
    let now = sessions.list_sessions("ada").await?[0].created_at().as_millis();
    let guard = Member::EMAIL_VERIFIED.is_true().no_older_than(Duration::from_secs(300));
    let fetch = async |stale: Vec<&'static str>| {
        assert_eq!(stale, ["email_verified"]);
        Ok::<_, std::io::Error>(move |member: &mut Member| member.email_verified = Claim::at_millis(true, now))
    };
    session.require_fresh(&guard, fetch).await
}

async fn unreachable(mut session: Own) -> Result<(), SessionError> {
    let guard = Member::EMAIL_VERIFIED.is_true().no_older_than(Duration::from_secs(300));
    let fetch = async |_| Err::<fn(&mut Member), _>(std::io::Error::other("the mail service is away"));
    session.require_fresh(&guard, fetch).await
}

fn routes() -> Router {
    let ok = async || "ok";
    let guarded: Router = Router::new()
        .route("/default", get(async |session: Own| session.user_id().to_string()))
        .route("/instead", get(async |_: Own| "ok").route_layer(GuardLayer::instead(Member::ADMIN.is(false))))
        .layer(GuardLayer::by_default(AdminOnly));
    Router::new()
        .route("/sign-in", axum::routing::post(sign_in))
        .route("/typed", get(async |session: Guarded<AdminOnly, Member>| session.user_id().to_string()))
        .route("/required", get(ok).route_layer(GuardLayer::require(AdminOnly)))
        .route("/recent", get(async |_: Recent<300, Member>| "ok"))
        .route("/authoritative", get(async |_: Authoritative<Member>| "ok"))
        .route("/step-up", axum::routing::post(step_up))
        .route("/verified", axum::routing::post(verified))
        .route("/unreachable", axum::routing::post(unreachable))
        .merge(guarded)
}

async fn app() -> App {
    let mut app = App::new().await;
    app.router = app.sessions.mount(routes());
    app
}

async fn client(app: &App, admin: bool) -> Client {
    let mut client = Client::with_headers(&app.router);
    assert_eq!(client.post("/sign-in", &json!(admin)).await.status, StatusCode::OK);
    client
}

fn refused(reply: &session_tests::client::Reply) -> Value {
    assert_eq!(reply.status, StatusCode::FORBIDDEN, "{}", reply.text);
    assert_eq!(reply.json()["message"], "invalid claim");
    reply.json()["claimValidationErrors"].clone()
}

#[tokio::test]
async fn a_guard_in_the_signature_lets_only_those_in_who_pass() {
    let app = app().await;
    assert_eq!(client(&app, true).await.get("/typed").await.status, StatusCode::OK);
    let failures = refused(&client(&app, false).await.get("/typed").await);
    let reason = json!({ "message": "wrong value", "expectedValue": true, "actualValue": false });
    assert_eq!(failures, json!([{ "id": "admin-only", "reason": reason }]));
    Client::with_headers(&app.router).get("/typed").await.assert_refused(401, "unauthorised");
}

#[tokio::test]
async fn a_guard_around_a_route_holds_where_the_handler_takes_no_session() {
    let app = app().await;
    assert_eq!(client(&app, true).await.get("/required").await.status, StatusCode::OK);
    refused(&client(&app, false).await.get("/required").await);
    Client::with_headers(&app.router).get("/required").await.assert_refused(401, "unauthorised");
}

#[tokio::test]
async fn a_default_guard_is_asked_of_every_session_unless_a_route_says_otherwise() {
    let app = app().await;
    let (mut admin, mut member) = (client(&app, true).await, client(&app, false).await);
    assert_eq!(admin.get("/default").await.status, StatusCode::OK);
    refused(&member.get("/default").await);
    refused(&admin.get("/instead").await);
    assert_eq!(member.get("/instead").await.status, StatusCode::OK);
}

#[tokio::test]
async fn v7_5_3_a_step_up_lasts_as_long_as_the_signature_says() {
    let app = app().await;
    let mut client = client(&app, false).await;
    assert_eq!(client.get("/recent").await.status, StatusCode::OK, "just signed in");
    app.clock.advance(Duration::from_secs(301));
    assert_eq!(refused(&client.get("/recent").await)[0]["id"], "recently-authenticated");
    client.refresh().await;
    refused(&client.get("/recent").await);
    assert_eq!(client.post("/step-up", &json!({})).await.status, StatusCode::OK);
    assert_eq!(client.get("/recent").await.status, StatusCode::OK);
    client.refresh().await;
    assert_eq!(client.get("/recent").await.status, StatusCode::OK, "the row knows it too");
}

#[tokio::test]
async fn an_authoritative_session_is_read_once_and_refused_when_it_is_gone() {
    let connection = in_memory().await;
    let mut app = App::on(connection.clone(), policy(), ManualClock::default()).await;
    app.router = app.sessions.mount(routes());
    let mut client = client(&app, false).await;
    let (statements, reply) = app.statements(client.get("/authoritative")).await;
    assert_eq!((statements, reply.status), (1, StatusCode::OK));
    // Ended elsewhere, and this node has not heard of it yet.
    connection.execute_unprepared("DELETE FROM sessions").await.expect("an end");
    assert_eq!(client.get("/recent").await.status, StatusCode::OK);
    client.get("/authoritative").await.assert_refused(401, "unauthorised").assert_tokens_cleared();
}

#[tokio::test]
async fn a_claim_that_is_too_old_is_fetched_stored_and_sent() {
    let app = app().await;
    let mut client = client(&app, false).await;
    let reply = client.post("/verified", &json!({})).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    assert_eq!(client.front.clone().expect("a front-token")["up"]["email_verified"]["v"], true);
    client.refresh().await;
    assert_eq!(client.front.clone().expect("a front-token")["up"]["email_verified"]["v"], true);
}

#[tokio::test]
async fn a_claim_that_cannot_be_fetched_is_503_and_changes_nothing() {
    let app = app().await;
    let mut client = client(&app, false).await;
    client.post("/unreachable", &json!({})).await.assert_refused(503, "unavailable").assert_tokens_left_alone();
}
