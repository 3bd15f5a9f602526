//! The CORS recipe of the documentation, with tower-http's layer: the website may send what the front end sends, and read what it
//! reads.

use axum::Router;
use axum::body::Body;
use http::header::{ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_EXPOSE_HEADERS, HeaderName, ORIGIN};
use http::{HeaderMap, Method, Request};
use serde_json::json;
use session_tests::app::{App, policy};
use session_tests::client::{Client, REFRESH, call};
use tower_http::cors::CorsLayer;

const WEBSITE: &str = "http://localhost:8000";
const OWN: HeaderName = HeaderName::from_static("x-own");

async fn app() -> App {
    App::with(policy().website(WEBSITE)).await
}

fn recipe(app: &App) -> CorsLayer {
    let policy = app.sessions.policy();
    CorsLayer::new()
        .allow_origin(policy.cors_origins())
        .allow_credentials(true)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(policy.cors_allowed_headers())
}

async fn sign_in(router: &Router) -> (Client, HeaderMap) {
    let mut client = Client::with_headers(router).sending("origin", WEBSITE);
    let reply = client.post("/login", &json!({ "user": "ada", "role": "admin" })).await;
    assert_eq!(reply.status, 200);
    (client, reply.headers)
}

fn names(headers: &HeaderMap, of: HeaderName) -> Vec<String> {
    let lines = headers.get_all(of).iter().map(|line| line.to_str().expect("visible"));
    lines.flat_map(|line| line.split(',')).map(|name| name.trim().to_owned()).collect()
}

#[tokio::test]
async fn a_preflight_allows_what_the_front_end_sends() {
    let app = app().await;
    let router = app.router.clone().layer(recipe(&app));
    let preflight = Request::builder()
        .method(Method::OPTIONS)
        .uri(REFRESH)
        .header(ORIGIN, WEBSITE)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "rid,fdi-version,st-auth-mode");
    let reply = call(&router, preflight.body(Body::empty()).expect("a request")).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("access-control-allow-origin"), Some(WEBSITE));
    assert_eq!(reply.header("access-control-allow-credentials"), Some("true"));
    let expected = ["content-type", "rid", "fdi-version", "anti-csrf", "authorization", "st-auth-mode"];
    assert_eq!(names(&reply.headers, ACCESS_CONTROL_ALLOW_HEADERS), expected);
}

#[tokio::test]
async fn the_recipe_keeps_our_expose_header_also_on_refusals() {
    let app = app().await;
    let router = app.router.clone().layer(recipe(&app));
    let (mut client, headers) = sign_in(&router).await;
    let exposed = ["front-token", "st-access-token", "st-refresh-token"];
    assert_eq!(names(&headers, ACCESS_CONTROL_EXPOSE_HEADERS), exposed);
    client.refresh = None;
    let refused = client.refresh().await;
    assert_eq!((refused.status.as_u16(), refused.header("access-control-allow-origin")), (401, Some(WEBSITE)));
    assert_eq!(names(&refused.headers, ACCESS_CONTROL_EXPOSE_HEADERS), exposed);
}

#[tokio::test]
async fn headers_of_the_applications_own_are_exposed_beside_ours() {
    let app = app().await;
    let mut all = app.sessions.policy().cors_exposed_headers();
    all.push(OWN);
    let (_, headers) = sign_in(&app.router.clone().layer(recipe(&app).expose_headers(all))).await;
    let exposed = names(&headers, ACCESS_CONTROL_EXPOSE_HEADERS);
    assert_eq!(exposed, ["front-token", "anti-csrf", "st-access-token", "st-refresh-token", "x-own"]);

    // Or inside the session layer, which appends to what it finds.
    let inside = session_tests::app::routes().layer(CorsLayer::new().expose_headers([OWN]));
    let (_, headers) = sign_in(&app.sessions.mount(inside).layer(recipe(&app))).await;
    let exposed = names(&headers, ACCESS_CONTROL_EXPOSE_HEADERS);
    assert_eq!(exposed, ["x-own", "front-token", "st-access-token", "st-refresh-token"]);
}

/// Not ours to prevent, so the documentation warns of it: here is what it warns of.
#[tokio::test]
async fn exposing_only_the_applications_own_headers_hides_ours() {
    let app = app().await;
    let (_, headers) = sign_in(&app.router.clone().layer(recipe(&app).expose_headers([OWN]))).await;
    assert_eq!(names(&headers, ACCESS_CONTROL_EXPOSE_HEADERS), ["x-own"]);
}
