//! Routes of an application, called as a server calls them, without the server.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use session_runtime::testing::ManualClock;
use session_runtime::{Keys, NoData, Policy, Session, Sessions, SessionsBuilder};
use tower::Service;
use tower::layer::layer_fn;

use crate::payload::Shopper;

/// What a browser sends with every request.
const USUAL: [(&str, &str); 8] = [
    ("host", "127.0.0.1:3000"),
    ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
    ("accept", "*/*"),
    ("accept-language", "en-US,en;q=0.5"),
    ("accept-encoding", "gzip, deflate, br, zstd"),
    ("sec-fetch-dest", "empty"),
    ("sec-fetch-mode", "cors"),
    ("sec-fetch-site", "same-origin"),
];

/// How the access token travels.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::exhaustive_enums, reason = "there are no others")]
pub enum By {
    /// In a cookie, beside one of somebody else's.
    Cookie,
    /// As a bearer token.
    Header,
}

/// An application, and the request that it is asked with.
#[derive(Debug)]
pub struct Door {
    app: Router,
    headers: HeaderMap,
}

impl Door {
    /// A request with what browsers send and, if it is given one, a token.
    #[must_use]
    pub fn new(app: Router, token: Option<(By, &str)>) -> Self {
        let mut headers: HeaderMap = USUAL
            .iter()
            .map(|(name, value)| (http::HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        let value = |text: String| HeaderValue::try_from(text).expect("a token is visible characters");
        match token {
            Some((By::Cookie, token)) => headers.insert(COOKIE, value(format!("theme=dark; sAccessToken={token}"))),
            Some((By::Header, token)) => headers.insert(AUTHORIZATION, value(format!("Bearer {token}"))),
            None => None,
        };
        // As servers do, so that routes are not made anew for each request.
        Self { app: app.with_state(()), headers }
    }

    /// Asks for a path. Nothing that answers waits for anything, so that one look at the answer is enough.
    #[must_use]
    pub fn ask(&self, path: &'static str) -> StatusCode {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = http::Uri::from_static(path);
        request.headers_mut().clone_from(&self.headers);
        let mut app = self.app.clone();
        let answer = pin!(app.call(request));
        match answer.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(response)) => response.status(),
            Poll::Ready(Err(never)) => match never {},
            Poll::Pending => StatusCode::REQUEST_TIMEOUT,
        }
    }
}

/// `/open` takes no session.
pub fn bare() -> Router {
    Router::new().route("/open", get(open))
}

/// As [`bare`], with the layer, and `/me`, which takes one.
pub fn protected(sessions: &Sessions) -> Router {
    bare().route("/me", get(me)).layer(sessions.layer())
}

/// As [`bare`], with a layer that does nothing: what any layer costs.
pub fn idle() -> Router {
    bare().layer(layer_fn(Idle))
}

#[derive(Clone)]
struct Idle<S>(S);

impl<S: Service<R>, R> Service<R> for Idle<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: R) -> S::Future {
        self.0.call(request)
    }
}

async fn open() -> &'static str {
    "admin"
}

async fn me(session: Session<Shopper, NoData>) -> &'static str {
    if session.payload().beta { "admin" } else { "nobody" }
}

/// Sessions that remember so many verified tokens, on a clock that stands still.
///
/// # Panics
///
/// When there is no SQLite.
pub async fn sessions(verified_tokens: usize) -> Sessions {
    connect(builder(verified_tokens).clock(ManualClock::default())).await
}

/// As [`sessions`], by the system's clock.
///
/// # Panics
///
/// When there is no SQLite.
pub async fn sessions_in_time(verified_tokens: usize) -> Sessions {
    connect(builder(verified_tokens)).await
}

fn builder(verified_tokens: usize) -> SessionsBuilder {
    let policy = Policy::for_api("http://localhost:3000").verified_tokens(verified_tokens).build().expect("a policy");
    Sessions::builder(policy, Keys::from_secrets([[7; 32]]).expect("a secret"))
}

async fn connect(builder: SessionsBuilder) -> Sessions {
    builder.connect("sqlite::memory:").await.expect("sessions")
}

/// An access token of a session that has just been created.
///
/// # Panics
///
/// When it cannot be.
pub async fn token(sessions: &Sessions, user: &str) -> String {
    let session = sessions.create_new_session::<_, NoData>(user, Shopper::example(), NoData).await;
    session.expect("a session").tokens().expect("it has just been created").access_token().to_owned()
}
