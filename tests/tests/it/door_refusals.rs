//! Refusals that an application answers in its own way, and routes of its own in place of the ready-made ones.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use http::StatusCode;
use serde_json::{Value, json};
use session_runtime::{PolicyBuilder, SessionError, SessionErrorKind, Sessions};
use session_tests::app::{App, policy, routes};
use session_tests::client::{Client, REFRESH, SIGN_OUT};

/// An application that answers refusals in its own words, and the kinds that it was asked about.
async fn app(policy: PolicyBuilder) -> (App, Router, Arc<Mutex<Vec<SessionErrorKind>>>) {
    let app = App::with(policy).await;
    let asked = Arc::new(Mutex::new(Vec::new()));
    let answer = {
        let asked = Arc::clone(&asked);
        move |refusal: &SessionError, response: Response| {
            asked.lock().expect("no panic").push(refusal.kind());
            let stolen = refusal.stolen().map(|(_, user)| user.as_str());
            (response.status(), Json(json!({ "own": refusal.kind().to_string(), "stolen": stolen }))).into_response()
        }
    };
    let router = routes().merge(app.sessions.routes()).layer(app.sessions.layer().on_refusal(answer));
    (app, router, asked)
}

fn own(kind: &str, stolen: Option<&str>) -> Value {
    json!({ "own": kind, "stolen": stolen })
}

#[tokio::test]
async fn each_refusal_can_be_answered_by_the_application() {
    let strict = policy().refresh_grace(Duration::ZERO);
    let (app, router, asked) = app(strict).await;
    Client::with_headers(&router).get("/me").await.assert(401, &own("unauthorised", None));
    let mut client = Client::with_headers(&router).sign_in("ada", "customer").await;
    client.get("/admin").await.assert(403, &own("invalid claim", None));
    let mut thief = client.clone();
    app.clock.advance(Duration::from_secs(3600));
    client.get("/me").await.assert(401, &own("try refresh token", None)).assert_tokens_left_alone();
    assert_eq!(client.refresh().await.status, StatusCode::OK);
    assert_eq!(client.get("/me").await.status, StatusCode::OK);
    thief.refresh().await.assert(401, &own("token theft detected", Some("ada"))).assert_tokens_cleared();
    use SessionErrorKind::{InvalidClaims, TokenTheft, TryRefreshToken, Unauthorised};
    assert_eq!(*asked.lock().expect("no panic"), [Unauthorised, InvalidClaims, TryRefreshToken, TokenTheft]);
}

#[tokio::test]
async fn the_two_statuses_are_the_policys() {
    let app = App::with(policy().session_expired_status(440).invalid_claim_status(460)).await;
    let mut client = Client::with_headers(&app.router);
    client.get("/me").await.assert_refused(440, "unauthorised");
    client.refresh().await.assert_refused(440, "unauthorised").assert_tokens_cleared();
    let mut client = client.sign_in("ada", "customer").await;
    assert_eq!(client.get("/admin").await.status.as_u16(), 460);
    app.clock.advance(Duration::from_secs(3600));
    client.get("/me").await.assert_refused(440, "try refresh token");
}

#[tokio::test]
async fn a_status_that_a_handler_chose_stays() {
    async fn gone(sessions: Sessions) -> Response {
        let refused = sessions.refresh_session("none of ours").await.expect_err("none of ours");
        (StatusCode::GONE, refused).into_response()
    }
    let app = App::with(policy().session_expired_status(440)).await;
    let router = app.sessions.mount(Router::new().route("/gone", post(gone)));
    Client::with_headers(&router).post("/gone", &json!({})).await.assert_refused(410, "unauthorised");
}

#[tokio::test]
async fn routes_of_ones_own_stand_in_for_the_ready_made_ones() {
    async fn refresh(sessions: Sessions) -> Result<Json<Value>, SessionError> {
        let refreshed = sessions.refresh_request().await?;
        Ok(Json(json!({ "welcome": refreshed.user_id() })))
    }
    async fn sign_out(sessions: Sessions) -> Result<Json<Value>, SessionError> {
        sessions.sign_out_request().await?;
        Ok(Json(json!({ "bye": true })))
    }
    let app = App::new().await;
    let policy = app.sessions.policy();
    let own = Router::new().route(&policy.refresh_path(), post(refresh)).route(&policy.sign_out_path(), post(sign_out));
    let mut client =
        Client::with_cookies(&routes().merge(own).layer(app.sessions.layer())).sign_in("ada", "admin").await;
    client.refresh().await.assert(200, &json!({ "welcome": "ada" }));
    assert_eq!(client.get("/me").await.status, StatusCode::OK);
    client.post(SIGN_OUT, &json!({})).await.assert(200, &json!({ "bye": true })).assert_tokens_cleared();
}

#[tokio::test]
async fn the_base_path_may_be_another_and_a_gateway_may_stand_before_it() {
    let app = App::with(policy().base_path("/v1/auth").gateway_path("/shop")).await;
    let mut client = Client::with_headers(&app.router);
    let reply = client.post("/v1/auth/session/refresh", &json!({})).await;
    reply.assert_refused(401, "unauthorised").assert_tokens_cleared();
    assert!(reply.set_cookies("sRefreshToken")[0].contains("Path=/shop/v1/auth/session/refresh;"));
    assert_eq!(client.post(REFRESH, &json!({})).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn paths_with_a_tenant_are_the_same_routes() {
    let app = App::new().await;
    let mut client = Client::with_headers(&app.router).sign_in("ada", "admin").await;
    let access = std::mem::replace(&mut client.access, client.refresh.clone());
    client.post("/auth/acme/session/refresh", &json!({})).await.assert(200, &json!({}));
    assert_ne!(client.access, access);
    client.post("/auth/acme/signout", &json!({})).await.assert(200, &json!({ "status": "OK" })).assert_tokens_cleared();
}
