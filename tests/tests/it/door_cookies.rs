//! Cookies as browsers bring them: twice, from an earlier domain, from other people, and broken in every way.

use std::time::Duration;

use axum::body::Body;
use http::{HeaderValue, Method, Request};
use serde_json::json;
use session_runtime::{CookieLifetime, NoData, Policy, PolicyBuilder};
use session_tests::app::{App, Role, Shopper, policy, shopper};
use session_tests::client::{Client, REFRESH, Reply, SIGN_OUT, call};

const ACCESS: &str = "sAccessToken";
const SECRET: &str = "sRefreshToken";

/// Sends the cookies as they are.
async fn send(app: &App, method: Method, path: &str, cookies: impl AsRef<[u8]>) -> Reply {
    let cookies = HeaderValue::from_bytes(cookies.as_ref()).expect("a header's value");
    let request = Request::builder().method(method).uri(path).header("cookie", cookies).body(Body::empty());
    call(&app.router, request.expect("a request")).await
}

async fn get(app: &App, cookies: impl AsRef<[u8]>) -> Reply {
    send(app, Method::GET, "/me", cookies).await
}

async fn refresh(app: &App, cookies: impl AsRef<[u8]>) -> Reply {
    send(app, Method::POST, REFRESH, cookies).await
}

/// The access and the refresh token of a browser.
fn tokens(client: &Client) -> (String, String) {
    let find = |name: &str| {
        let found = client.cookies.iter().find(|(found, _)| found.ends_with(name));
        found.map(|(_, (value, _))| value.clone()).expect("a cookie")
    };
    (find(ACCESS), find(SECRET))
}

async fn sign_in(app: &App) -> Client {
    Client::with_cookies(&app.router).sign_in("ada", "admin").await
}

/// Where the lines that remove a cookie say that it is: its domain, or `host`.
fn removed(reply: &Reply, name: &str) -> Vec<String> {
    let lines = reply.set_cookies(name).into_iter().filter(|line| line.starts_with(&format!("{name}=;")));
    lines
        .map(|line| {
            assert!(line.contains("Expires=Thu, 01 Jan 1970"), "{line}");
            let domain = line.split("Domain=").nth(1).and_then(|rest| rest.split(';').next());
            domain.unwrap_or("host").to_owned()
        })
        .collect()
}

/// An API whose cookies are shared with all of `shop.example`, over http, where all scopes have one name.
fn shared() -> PolicyBuilder {
    Policy::for_api("http://api.shop.example").cookie_domain("shop.example")
}

#[tokio::test]
async fn c12_of_two_refresh_cookies_the_newer_is_used_so_that_none_passes_for_a_reuse() {
    let app = App::with(policy().refresh_grace(Duration::ZERO)).await;
    let mut client = sign_in(&app).await;
    for newer_first in [false, true] {
        let (_, old) = tokens(&client);
        client.refresh().await.assert(200, &json!({}));
        assert_eq!(client.get("/me").await.status, 200);
        let (_, new) = tokens(&client);
        let (first, second) = if newer_first { (&new, &old) } else { (&old, &new) };
        let mut both = client.clone().sending("cookie", &format!("{SECRET}={first}; {SECRET}={second}"));
        both.cookies.clear();
        both.refresh().await.assert(200, &json!({}));
        client.cookies = both.cookies;
    }
}

#[tokio::test]
async fn c12_of_two_access_cookies_the_newer_is_used() {
    let app = App::new().await;
    let mut client = sign_in(&app).await;
    let (old, _) = tokens(&client);
    client.post("/role", &json!("customer")).await;
    let (new, _) = tokens(&client);
    for cookies in [format!("{ACCESS}={old}; {ACCESS}={new}"), format!("{ACCESS}={new}; {ACCESS}={old}")] {
        get(&app, cookies).await.assert(200, &json!({ "user": "ada", "role": "customer" }));
    }
}

#[tokio::test]
async fn a_revoked_twin_does_not_cost_the_session_that_a_refresh_may_heal() {
    let app = App::new().await;
    let (expired, _) = tokens(&sign_in(&app).await);
    app.clock.advance(Duration::from_secs(3600));
    let mut other = sign_in(&app).await;
    let (revoked, _) = tokens(&other);
    other.post(SIGN_OUT, &json!({})).await;
    for cookies in
        [format!("{ACCESS}={revoked}; {ACCESS}={expired}"), format!("{ACCESS}={expired}; {ACCESS}={revoked}")]
    {
        get(&app, cookies).await.assert_refused(401, "try refresh token").assert_tokens_left_alone();
    }
}

#[tokio::test]
async fn twins_are_removed_in_the_response_that_used_the_other() {
    let app = App::with(shared()).await;
    let (access, secret) = tokens(&sign_in(&app).await);
    let reply = get(&app, format!("{ACCESS}=stale; {ACCESS}={access}")).await;
    assert_eq!((reply.status.as_u16(), removed(&reply, ACCESS)), (200, vec!["host".to_owned()]));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert!(reply.header("front-token").is_none(), "no token has changed");

    let reply = refresh(&app, format!("{SECRET}=stale; {SECRET}={secret}; {ACCESS}={access}; {ACCESS}=stale")).await;
    assert_eq!(reply.status, 200);
    assert!(reply.headers.contains_key("front-token"), "never 200 on refresh without it");
    for name in [ACCESS, SECRET] {
        assert_eq!(removed(&reply, name), ["host"]);
        let stored = *reply.set_cookies(name).last().expect("a cookie");
        assert!(stored.contains("Domain=shop.example") && !stored.starts_with(&format!("{name}=;")), "{stored}");
    }
}

#[tokio::test]
async fn one_cookie_alone_has_no_twin_to_remove() {
    let app = App::with(shared()).await;
    let (access, secret) = tokens(&sign_in(&app).await);
    get(&app, format!("{ACCESS}={access}")).await.assert_tokens_left_alone();
    let reply = refresh(&app, format!("{SECRET}={secret}; {ACCESS}={access}")).await;
    assert_eq!((reply.set_cookies(ACCESS).len(), reply.set_cookies(SECRET).len()), (1, 1));
}

#[tokio::test]
async fn a_refused_request_removes_no_twin() {
    let app = App::with(shared()).await;
    get(&app, format!("{ACCESS}=a; {ACCESS}=b")).await.assert_refused(401, "unauthorised").assert_tokens_left_alone();
}

#[tokio::test]
async fn a_change_of_the_cookies_domain_costs_no_request() {
    let app = App::with(shared().older_cookie_domain("").older_cookie_domain("api.shop.example")).await;
    let (_, secret) = tokens(&sign_in(&app).await);
    // The browser has the cookie of one earlier domain only: nothing shows that it is one.
    let reply = refresh(&app, format!("{SECRET}={secret}")).await;
    assert_eq!(reply.status, 200);
    assert!(reply.header("front-token").is_some_and(|front| front != "remove"));
    for name in [ACCESS, SECRET] {
        assert_eq!(removed(&reply, name), ["host", "api.shop.example"]);
        assert!(reply.set_cookies(name).last().is_some_and(|line| line.contains("Domain=shop.example")));
    }
}

#[tokio::test]
async fn signing_out_leaves_no_cookie_in_any_earlier_domain() {
    let app = App::with(shared().older_cookie_domain("")).await;
    let mut client = sign_in(&app).await;
    let reply = client.post(SIGN_OUT, &json!({})).await;
    for name in [ACCESS, SECRET] {
        assert_eq!(removed(&reply, name), ["host", "shop.example"]);
    }
}

#[tokio::test]
async fn over_https_the_name_of_an_earlier_domain_is_still_read() {
    let https = || Policy::for_api("https://api.shop.example");
    let app = App::with(https().cookie_domain("shop.example").older_cookie_domain("")).await;
    let (access, _) = tokens(&sign_in(&app).await);
    get(&app, format!("__Host-{ACCESS}={access}")).await.assert(200, &json!({ "user": "ada", "role": "admin" }));
    get(&app, format!("__HOST-{ACCESS}={access}")).await.assert_refused(401, "unauthorised");
    let app = App::with(https().cookie_domain("shop.example")).await;
    get(&app, format!("__Host-{ACCESS}={access}")).await.assert_refused(401, "unauthorised");
}

#[tokio::test]
async fn the_cookie_of_before_2023_is_removed_on_sight() {
    let app = App::new().await;
    let (access, secret) = tokens(&sign_in(&app).await);
    let old = "sIdRefreshToken";
    let reply = get(&app, format!("{old}=x; {ACCESS}={access}")).await;
    assert_eq!((reply.status.as_u16(), removed(&reply, old)), (200, vec!["host".to_owned()]));
    let reply = refresh(&app, format!("{SECRET}={secret}; {old}=x")).await;
    assert_eq!((reply.status.as_u16(), removed(&reply, old)), (200, vec!["host".to_owned()]));
    let reply = get(&app, format!("{old}=x")).await;
    assert_eq!((reply.status.as_u16(), removed(&reply, old)), (401, vec!["host".to_owned()]));
    assert!(reply.header("front-token").is_none(), "there is nothing else to remove");
}

#[tokio::test]
async fn other_peoples_cookies_may_hold_any_bytes() {
    let app = App::new().await;
    let (access, secret) = tokens(&sign_in(&app).await);
    for foreign in
        [&b"name=Zo\xc3\xab"[..], b"\xff\xfe=\xff", b"=", b";;;", b"a", b"x=\"a;b\"", b"%zz=%zz", b"\xf0\x9f\x8d\xb0=1"]
    {
        let cookies =
            [foreign, b"; ", format!("{ACCESS}={access}; {SECRET}={secret}").as_bytes(), b"; ", foreign].concat();
        assert_eq!(get(&app, &cookies).await.status, 200, "{foreign:?}");
        assert_eq!(refresh(&app, &cookies).await.status, 200, "{foreign:?}");
    }
}

#[tokio::test]
async fn broken_cookies_of_our_names_are_no_session_and_disturb_none() {
    let app = App::new().await;
    let (access, secret) = tokens(&sign_in(&app).await);
    let oversized = "x".repeat(5000);
    for broken in
        [&b""[..], b"%", b"%ff%fe", b"\xff", b"a.b.c", b"\"\"", b"undefined", oversized.as_bytes(), b"  ", b"=="]
    {
        let cookie = |name: &str| [name.as_bytes(), b"=", broken].concat();
        get(&app, cookie(ACCESS)).await.assert_refused(401, "unauthorised").assert_tokens_left_alone();
        refresh(&app, cookie(SECRET)).await.assert_refused(401, "unauthorised").assert_tokens_cleared();
        let beside = |name: &str, good: &str| [&cookie(name), format!("; {name}={good}").as_bytes()].concat();
        assert_eq!(get(&app, beside(ACCESS, &access)).await.status, 200, "{broken:?}");
        assert_eq!(refresh(&app, beside(SECRET, &secret)).await.status, 200, "{broken:?}");
    }
}

#[tokio::test]
async fn cookies_in_several_header_lines_are_one_jar() {
    let app = App::new().await;
    let (access, _) = tokens(&sign_in(&app).await);
    let request = Request::builder().uri("/me").header("cookie", "a=b").header("cookie", format!("{ACCESS}={access}"));
    assert_eq!(call(&app.router, request.body(Body::empty()).expect("a request")).await.status, 200);
}

#[tokio::test]
async fn s18_cookies_of_a_browser_session_have_no_expiry_through_every_refresh() {
    let app = App::with(policy().cookie_lifetime(CookieLifetime::BrowserSession)).await;
    let mut client = Client::with_cookies(&app.router);
    let login = client.post("/login", &json!({ "user": "ada", "role": "customer" })).await;
    let refreshed = client.refresh().await;
    let changed = client.post("/role", &json!("admin")).await;
    for (reply, lines) in [(&login, 2), (&refreshed, 2), (&changed, 1)] {
        let cookies = [reply.set_cookies(ACCESS), reply.set_cookies(SECRET)].concat();
        assert_eq!(cookies.len(), lines);
        assert!(cookies.iter().all(|line| !line.contains("Expires") && !line.contains("Max-Age")), "{cookies:?}");
    }
}

#[tokio::test]
async fn a_session_keeps_the_cookie_lifetime_that_it_was_created_with() {
    async fn forgetful(sessions: session_runtime::Sessions) -> Result<(), session_runtime::SessionError> {
        let sessions = sessions.with_cookie_lifetime(CookieLifetime::BrowserSession);
        sessions.create_new_session::<Shopper, NoData>("ada", shopper(Role::Admin), NoData).await.map(drop)
    }
    let app = App::new().await;
    let route = axum::Router::new().route("/forgetful", axum::routing::post(forgetful));
    let mut client = Client::with_cookies(&app.sessions.mount(route));
    let login = client.post("/forgetful", &json!(null)).await;
    assert!(!login.set_cookies(ACCESS)[0].contains("Expires"));
    let refreshed = client.refresh().await;
    for name in [ACCESS, SECRET] {
        assert!(!refreshed.set_cookies(name)[0].contains("Expires"), "{name}");
    }
    let listed = app.sessions.list_sessions("ada").await.expect("a list");
    assert_eq!(listed[0].cookie_lifetime(), CookieLifetime::BrowserSession);
}

#[tokio::test]
async fn c9_persistent_cookies_last_as_long_as_the_session_may() {
    let day = Duration::from_secs(86_400);
    let app = App::with(policy().idle_timeout(2 * day).absolute_timeout(3 * day)).await;
    let reply = Client::with_cookies(&app.router).post("/login", &json!({ "user": "ada", "role": "admin" })).await;
    assert!(
        reply.set_cookies(ACCESS)[0].contains("Expires=Fri, 04 Jan 2030 00:00:00 GMT"),
        "{:?}",
        reply.set_cookies(ACCESS)
    );
    assert!(
        reply.set_cookies(SECRET)[0].contains("Expires=Thu, 03 Jan 2030 00:00:00 GMT"),
        "{:?}",
        reply.set_cookies(SECRET)
    );
}
