//! Any bytes at all in the headers: 401 or 400, never a panic, and never a statement for a token whose MAC fails.

use axum::body::Body;
use http::{HeaderValue, Method, Request};
use proptest::prelude::*;
use session_runtime::AntiCsrf;
use session_tests::app::{App, policy};
use session_tests::client::{Client, REFRESH, SIGN_OUT, call};

const PATHS: [(&str, Method); 5] = [
    ("/me", Method::GET),
    ("/me", Method::POST),
    ("/cart", Method::GET),
    (REFRESH, Method::POST),
    (SIGN_OUT, Method::POST),
];

/// Header values of every kind: raw bytes, text with the separators of cookies and tokens, and true tokens that were bent.
fn value(tokens: Vec<String>) -> impl Strategy<Value = Vec<u8>> {
    let raw = prop::collection::vec(any::<u8>(), 0..200);
    let text = "[A-Za-z0-9=;.,%\" _-]{0,200}".prop_map(String::into_bytes);
    let bent =
        (prop::sample::select(tokens), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(token, at, byte)| {
            let mut token = token.into_bytes();
            let at = at.index(token.len());
            token[at] = byte;
            token
        });
    prop_oneof![raw, text, bent]
}

fn request(path: &str, method: &Method, name: &str, value: &[u8]) -> Option<Request<Body>> {
    let value = HeaderValue::from_bytes(value).ok()?;
    Request::builder().method(method).uri(path).header(name, value).body(Body::empty()).ok()
}

fn prefixed(prefix: &str, value: &[u8]) -> Vec<u8> {
    [prefix.as_bytes(), value].concat()
}

#[test]
fn any_bytes_in_any_header_are_refused_without_a_statement() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (app, tokens) = runtime.block_on(async {
        let app = App::with(policy().anti_csrf(AntiCsrf::Token)).await;
        let client = Client::with_headers(&app.router).sign_in("ada", "admin").await;
        let tokens = vec![client.access.expect("an access token"), client.refresh.expect("a refresh token")];
        (app, tokens)
    });
    proptest!(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) }, |(bytes in value(tokens.clone()))| {
        // A bent token may be bent into itself.
        prop_assume!(!tokens.iter().any(|token| token.as_bytes() == bytes));
        for (name, bytes) in [
            ("cookie", bytes.clone()),
            ("cookie", prefixed("sAccessToken=", &bytes)),
            ("cookie", prefixed("sRefreshToken=", &bytes)),
            ("cookie", prefixed("a=b; sAccessToken=x; sAccessToken=", &bytes)),
            ("authorization", bytes.clone()),
            ("authorization", prefixed("Bearer ", &bytes)),
            ("anti-csrf", bytes.clone()),
            ("st-auth-mode", bytes.clone()),
            ("origin", bytes),
        ] {
            for (path, method) in &PATHS {
                let Some(request) = request(path, method, name, &bytes) else { continue };
                let (statements, reply) = runtime.block_on(app.statements(call(&app.router, request)));
                prop_assert!(matches!(reply.status.as_u16(), 400 | 401), "{} {}", reply.status, path);
                prop_assert_eq!(statements, 0);
            }
        }
    });
}

#[tokio::test]
async fn any_anti_csrf_value_beside_a_good_cookie_is_refused_or_right() {
    let app = App::with(policy().anti_csrf(AntiCsrf::Token)).await;
    let mut client = Client::with_cookies(&app.router).sign_in("ada", "admin").await;
    let right = client.anti_csrf.clone().expect("a value");
    for wrong in
        ["", "=", "null", "undefined", &right[1..], &format!("{right}A"), &right.to_uppercase(), &"A".repeat(5000)]
    {
        client.anti_csrf = Some(wrong.to_owned());
        client.post("/me", &serde_json::json!({})).await.assert_refused(401, "try refresh token");
        client.refresh().await.assert_refused(401, "unauthorised").assert_tokens_left_alone();
    }
    client.anti_csrf = Some(right);
    assert_eq!(client.refresh().await.status, 200);
}

#[tokio::test]
async fn percent_encoded_cookies_are_decoded() {
    let app = App::new().await;
    let client = Client::with_cookies(&app.router).sign_in("ada", "admin").await;
    let encoded = client.cookies["sAccessToken"].0.replace('.', "%2E");
    let mut bare = Client::with_cookies(&app.router).sending("cookie", &format!("sAccessToken={encoded}"));
    assert_eq!(bare.get("/me").await.status, 200);
}
