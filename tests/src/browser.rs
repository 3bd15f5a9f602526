//! Servers for the browser tests, on the library's public API: an API for each anti-CSRF mode, with the documented CORS recipe, and two
//! websites of other origins. All serve the page with the published front-end package.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::response::Html;
use axum::routing::{get, post};
use axum::{Json, Router};
use http::{Method, StatusCode};
use sea_orm::DatabaseConnection;
use serde_json::{Value, json};
use session_runtime::{
    AntiCsrf, CookieLifetime, Keys, Policy, PolicyBuilder, Session, SessionError, Sessions, SystemClock, TimeProvider,
    Timestamp,
};
use tokio::net::TcpListener;
use tower_http::cors::CorsLayer;

use crate::app::{Cart, Login, SECRETS, Shopper, in_memory, routes, shopper};

/// The folder of the scenarios.
pub const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/e2e");

/// Starts all servers, and answers their origins by name, as JSON.
pub async fn serve_all() -> String {
    let (website, website_origin) = listen().await;
    let (evil, evil_origin) = listen().await;
    serve(website, page());
    serve(evil, page());
    let mut servers = json!({ "website": website_origin, "evil": evil_origin });
    for (name, mode) in [
        ("origin", AntiCsrf::Origin),
        ("header", AntiCsrf::CustomHeader),
        ("token", AntiCsrf::Token),
        ("none", AntiCsrf::None),
    ] {
        let (listener, origin) = listen().await;
        let policy = Policy::for_api(&origin).website(&website_origin).anti_csrf(mode);
        let policy = policy.website(website_origin.replace("localhost", "127.0.0.1"));
        serve(listener, api(policy, in_memory().await, TurnedClock::default()).await);
        servers[name] = Value::from(origin);
    }
    serve_before_and_after_a_change(&mut servers).await;
    servers.to_string()
}

/// One API before, during and after a change of its cookies' domain, on one database. Browsers do not tell ports apart when they send
/// cookies, so three ports of a host do for three deployments.
async fn serve_before_and_after_a_change(servers: &mut Value) {
    let (connection, clock) = (in_memory().await, TurnedClock::default());
    for (name, change) in [
        ("host_only", (|policy| policy) as fn(PolicyBuilder) -> PolicyBuilder),
        ("shared", |policy| policy.cookie_domain("shop.test").older_cookie_domain("")),
        ("careless", |policy| policy.cookie_domain("shop.test")),
    ] {
        let (listener, origin) = listen().await;
        let origin = origin.replace("localhost", "api.shop.test");
        serve(listener, api(change(Policy::for_api(&origin)), connection.clone(), clock.clone()).await);
        servers[name] = Value::from(origin);
    }
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let origin = format!("http://localhost:{}", listener.local_addr().expect("an address").port());
    (listener, origin)
}

fn serve(listener: TcpListener, app: Router) {
    tokio::spawn(async move { axum::serve(listener, app).await });
}

fn page() -> Router {
    let html = std::fs::read_to_string(Path::new(FOLDER).join("page.html")).expect("the page");
    let script = ([("content-type", "text/javascript")], bundle());
    Router::new().route("/", get(Html(html))).route("/bundle.js", get(script))
}

/// The front-end package as one script, made once.
fn bundle() -> &'static str {
    static BUNDLE: OnceLock<String> = OnceLock::new();
    BUNDLE.get_or_init(|| {
        let made = Command::new("node").arg("bundle.mjs").current_dir(FOLDER).output().expect("node");
        assert!(made.status.success(), "no bundle: {}", String::from_utf8_lossy(&made.stderr));
        String::from_utf8(made.stdout).expect("a script")
    })
}

async fn api(policy: PolicyBuilder, connection: DatabaseConnection, clock: TurnedClock) -> Router {
    let policy = policy.notes_interval(Duration::from_millis(50)).build().expect("a policy");
    let cors = CorsLayer::new()
        .allow_origin(policy.cors_origins())
        .allow_credentials(true)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(policy.cors_allowed_headers());
    let sessions = Sessions::builder(policy, Keys::from_secrets(SECRETS).expect("secrets"))
        .clock(clock.clone())
        .with_connection(connection)
        .await
        .expect("sessions");
    let own = Router::new().route("/clock", post(async move |seconds: String| clock.turn(&seconds)));
    let own = own.route("/login-for-now", post(log_in_for_now)).merge(page());
    let own = own.route("/logout-everywhere-behind-my-back", post(end_all));
    sessions.mount(routes().merge(own)).layer(cors)
}

/// Signs in until the browser is closed.
async fn log_in_for_now(sessions: Sessions, Json(login): Json<Login>) -> Result<Json<Value>, SessionError> {
    let sessions = sessions.with_cookie_lifetime(CookieLifetime::BrowserSession);
    let session = sessions.create_new_session(login.user, shopper(login.role), Cart::default()).await?;
    Ok(Json(json!({ "handle": session.handle() })))
}

/// Ends all sessions of this user as an administrator would: the response says nothing of it.
async fn end_all(sessions: Sessions, session: Session<Shopper, Cart>) -> Result<Json<Value>, SessionError> {
    let ended = sessions.detached().revoke_all_sessions_for_user(session.user_id().clone()).await?;
    Ok(Json(json!({ "ended": ended.len() })))
}

/// The system's time, and what the tests add to it, so that nobody waits for a token to expire.
#[derive(Clone, Default)]
struct TurnedClock(Arc<AtomicI64>);

impl TurnedClock {
    fn turn(&self, seconds: &str) -> StatusCode {
        let Ok(seconds) = seconds.parse::<i64>() else { return StatusCode::BAD_REQUEST };
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
        StatusCode::NO_CONTENT
    }
}

impl TimeProvider for TurnedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(SystemClock.now().as_millis() + self.0.load(Ordering::SeqCst))
    }
}
