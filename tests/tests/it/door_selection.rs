//! Which way tokens travel, as tables: what the policy allows, what the request brings, what is used, set and cleared (the reference, §2.5).

use axum::body::Body;
use http::{Method, Request};
use serde_json::json;
use session_runtime::TransferMethod::{self, Any, Cookie, Header};
use session_tests::app::{App, Cart as Data, Role, policy, shopper};
use session_tests::client::{Client, REFRESH, Reply, call};

const FOREIGN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln";

/// What a response does to the tokens of a transport.
#[derive(Debug, PartialEq)]
enum Done {
    Set,
    Cleared,
    LeftAlone,
}
use Done::{Cleared, LeftAlone, Set};

fn done_to_cookies(reply: &Reply) -> Done {
    match reply.set_cookies("sAccessToken")[..] {
        [] => LeftAlone,
        [line] if line.starts_with("sAccessToken=;") => Cleared,
        _ => Set,
    }
}

fn done_to_headers(reply: &Reply) -> Done {
    match reply.header("st-access-token") {
        None => LeftAlone,
        Some("") => Cleared,
        Some(_) => Set,
    }
}

/// Two live sessions' tokens: access and refresh, of a client with headers and of one with cookies.
struct Tokens {
    bearer: [String; 2],
    cookie: [String; 2],
}

async fn tokens(app: &App) -> Tokens {
    let mint = async |user: &'static str| {
        let session = app.sessions.create_new_session(user, shopper(Role::Admin), Data::default()).await;
        let session = session.expect("a session");
        let tokens = session.tokens().expect("tokens");
        [tokens.access_token().to_owned(), tokens.refresh_token().expect("one").to_owned()]
    };
    Tokens { bearer: mint("by-header").await, cookie: mint("by-cookie").await }
}

async fn send(app: &App, method: Method, path: &str, bearer: Option<&str>, cookie: Option<String>) -> Reply {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(token) = bearer {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    if let Some(cookie) = cookie {
        request = request.header("cookie", cookie);
    }
    call(&app.router, request.body(Body::empty()).expect("a request")).await
}

async fn app(allowed: TransferMethod) -> App {
    App::with(policy().transfer_method(allowed)).await
}

#[tokio::test]
async fn creating_goes_where_the_policy_says_else_where_the_client_asks_else_to_headers() {
    for (allowed, asked, cookies, headers) in [
        (Any, None, LeftAlone, Set),
        (Any, Some("cookie"), Set, LeftAlone),
        (Any, Some("COOKIE"), Set, LeftAlone),
        (Any, Some("header"), LeftAlone, Set),
        (Any, Some("pigeon"), LeftAlone, Set),
        (Cookie, None, Set, LeftAlone),
        (Cookie, Some("header"), Set, LeftAlone),
        (Header, None, LeftAlone, Set),
        (Header, Some("cookie"), LeftAlone, Set),
    ] {
        let app = app(allowed).await;
        let mut request =
            Request::builder().method(Method::POST).uri("/login").header("content-type", "application/json");
        if let Some(asked) = asked {
            request = request.header("st-auth-mode", asked);
        }
        let body = json!({ "user": "ada", "role": "admin" }).to_string();
        let reply = call(&app.router, request.body(Body::from(body)).expect("a request")).await;
        assert_eq!((done_to_cookies(&reply), done_to_headers(&reply)), (cookies, headers), "{allowed:?} {asked:?}");
    }
}

#[tokio::test]
async fn verifying_takes_a_bearer_of_ours_else_the_cookie() {
    for (allowed, bearer, cookie, user) in [
        (Any, Some(true), true, Some("by-header")),
        (Any, Some(true), false, Some("by-header")),
        (Any, Some(false), true, Some("by-cookie")),
        (Any, None, true, Some("by-cookie")),
        (Any, Some(false), false, None),
        (Cookie, Some(true), true, Some("by-cookie")),
        (Cookie, Some(true), false, None),
        (Cookie, None, true, Some("by-cookie")),
        (Header, Some(true), true, Some("by-header")),
        (Header, Some(false), true, None),
        (Header, None, true, None),
    ] {
        let app = app(allowed).await;
        let tokens = tokens(&app).await;
        let bearer_token = bearer.map(|ours| if ours { tokens.bearer[0].as_str() } else { FOREIGN });
        let cookies = cookie.then(|| format!("sAccessToken={}", tokens.cookie[0]));
        let reply = send(&app, Method::GET, "/me", bearer_token, cookies).await;
        reply.assert_tokens_left_alone();
        match user {
            Some(user) => reply.assert(200, &json!({ "user": user, "role": "admin" })),
            None => reply.assert_refused(401, "unauthorised"),
        };
    }
}

#[tokio::test]
async fn refreshing_follows_the_table_except_that_a_foreign_bearer_disturbs_no_cookie() {
    for (allowed, bearer, cookie, status, headers, cookies) in [
        (Any, None, false, 401, Cleared, Cleared),
        (Any, None, true, 200, LeftAlone, Set),
        (Cookie, None, true, 200, LeftAlone, Set),
        (Header, None, true, 401, Cleared, Cleared),
        (Any, Some(true), false, 200, Set, LeftAlone),
        (Header, Some(true), false, 200, Set, LeftAlone),
        (Cookie, Some(true), false, 401, Cleared, Cleared),
        (Any, Some(true), true, 200, Set, Cleared),
        (Header, Some(true), true, 200, Set, Cleared),
        (Cookie, Some(true), true, 200, Cleared, Set),
        // Where we differ: the reference takes the foreign bearer, and clears the cookie.
        (Any, Some(false), true, 200, LeftAlone, Set),
        (Any, Some(false), false, 401, Cleared, Cleared),
    ] {
        let app = app(allowed).await;
        let tokens = tokens(&app).await;
        let bearer_token = bearer.map(|ours| if ours { tokens.bearer[1].as_str() } else { FOREIGN });
        let line = cookie.then(|| format!("sRefreshToken={}; sAccessToken={}", tokens.cookie[1], tokens.cookie[0]));
        let reply = send(&app, Method::POST, REFRESH, bearer_token, line).await;
        let done = (reply.status.as_u16(), done_to_headers(&reply), done_to_cookies(&reply));
        assert_eq!(done, (status, headers, cookies), "{allowed:?} bearer {bearer:?} cookie {cookie}");
        assert_eq!(reply.header("front-token") == Some("remove"), status == 401);
        assert!(reply.headers.contains_key("front-token"), "every change of tokens has one");
    }
}

#[tokio::test]
async fn the_access_token_is_exposed_beside_its_cookie_on_request() {
    let app = App::with(policy().expose_access_token()).await;
    let mut client = Client::with_cookies(&app.router);
    let login = client.post("/login", &json!({ "user": "ada", "role": "customer" })).await;
    let refreshed = client.refresh().await;
    let changed = client.post("/role", &json!("admin")).await;
    for reply in [login, refreshed, changed] {
        let cookie = reply.set_cookies("sAccessToken")[0].to_owned();
        let token = reply.header("st-access-token").expect("the token");
        assert!(cookie.starts_with(&format!("sAccessToken={token};")), "the same in both");
        assert!(reply.header("st-refresh-token").is_none(), "never the refresh token");
        assert_eq!(reply.header("access-control-expose-headers"), Some("front-token, st-access-token"));
    }
}
