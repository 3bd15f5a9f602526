//! The contract with the front end: paths, headers, cookies, bodies and statuses (the reference, §2).

use http::StatusCode;
use serde_json::json;
use session_runtime::{AntiCsrf, MaybeSession, Policy, SessionError, Sessions};
use session_tests::app::{App, Cart, Shopper, policy};
use session_tests::client::{Client, REFRESH, SIGN_OUT, call};

fn https() -> session_runtime::PolicyBuilder {
    Policy::for_api("https://api.shop.example")
}

#[tokio::test]
async fn cookies_carry_the_tokens_when_the_client_asks_for_them() {
    let app = App::new().await;
    let mut client = Client::with_cookies(&app.router);
    let reply = client.post("/login", &json!({ "user": "ada", "role": "admin" })).await;

    let [access] = reply.set_cookies("sAccessToken")[..] else { panic!("one access cookie") };
    let [refresh] = reply.set_cookies("sRefreshToken")[..] else { panic!("one refresh cookie") };
    for (line, path) in [(access, "Path=/;"), (refresh, "Path=/auth/session/refresh;")] {
        assert!(line.contains(path), "{line}");
        assert!(line.contains("HttpOnly") && line.contains("SameSite=Lax") && line.contains("Expires="), "{line}");
        assert!(!line.contains("Secure") && !line.contains("Domain"), "{line}");
    }
    assert_eq!(reply.header("access-control-expose-headers"), Some("front-token"));
    assert_eq!(reply.header("st-access-token"), None);
    assert_eq!(client.get("/me").await.json(), json!({ "user": "ada", "role": "admin" }));
}

#[tokio::test]
async fn headers_carry_the_tokens_otherwise() {
    let app = App::new().await;
    let mut client = Client::with_headers(&app.router);
    let reply = client.post("/login", &json!({ "user": "ada", "role": "admin" })).await;
    assert!(reply.headers.get("set-cookie").is_none());
    assert_eq!(reply.header("access-control-expose-headers"), Some("front-token, st-access-token, st-refresh-token"));
    client.get("/me").await.assert(200, &json!({ "user": "ada", "role": "admin" }));
}

#[tokio::test]
async fn the_front_token_says_who_until_when_and_what() {
    let app = App::new().await;
    let client = Client::with_cookies(&app.router).sign_in("ada", "admin").await;
    let front = client.front.expect("a front-token");
    assert_eq!(front["uid"], "ada");
    assert_eq!(front["ate"].as_i64(), front["up"]["exp"].as_i64().map(|exp| exp * 1000));
    assert_eq!((&front["up"]["role"], &front["up"]["name"]), (&json!("admin"), &json!("Ada")));
    assert_eq!(front["up"]["iat"].as_i64().map(|iat| iat + 3600), front["up"]["exp"].as_i64());
    let private = front["up"].as_object().expect("an object").keys().filter(|name| name.starts_with('_')).count();
    assert_eq!(private, 0, "what is ours stays ours");
}

#[tokio::test]
async fn c3_c4_over_https_cookies_are_secure_and_prefixed() {
    let app = App::with(https()).await;
    let reply = Client::with_cookies(&app.router).post("/login", &json!({ "user": "ada", "role": "admin" })).await;
    let [access] = reply.set_cookies("__Host-sAccessToken")[..] else { panic!("one access cookie") };
    assert!(access.contains("Secure") && access.contains("Path=/;") && !access.contains("Domain"), "{access}");
    let [refresh] = reply.set_cookies("__Secure-sRefreshToken")[..] else { panic!("one refresh cookie") };
    assert!(refresh.contains("Secure"), "{refresh}");
}

#[tokio::test]
async fn c5_a_cookie_of_almost_the_same_name_is_none_of_ours() {
    let app = App::with(https()).await;
    let mut client = Client::with_cookies(&app.router).sign_in("ada", "admin").await;
    let (value, path) = client.cookies.remove("__Host-sAccessToken").expect("the access cookie");
    client.cookies.insert("__HOST-sAccessToken".into(), (value, path));
    client.get("/me").await.assert_refused(401, "unauthorised");
}

#[tokio::test]
async fn r12_responses_with_tokens_are_not_cached_and_their_headers_are_sensitive() {
    let app = App::new().await;
    let mut client = Client::with_headers(&app.router).sign_in("ada", "admin").await;
    let reply = client.refresh().await;
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    for name in ["front-token", "st-access-token", "st-refresh-token"] {
        assert!(reply.headers.get(name).is_some_and(http::HeaderValue::is_sensitive), "{name}");
    }
    assert!(client.get("/me").await.header("cache-control").is_none());
}

#[tokio::test]
async fn refreshing_answers_an_empty_object_and_new_tokens() {
    let app = App::new().await;
    for mut client in [Client::with_cookies(&app.router), Client::with_headers(&app.router)] {
        client = client.sign_in("ada", "admin").await;
        let before = client.clone();
        let reply = client.refresh().await;
        reply.assert(200, &json!({}));
        assert!(reply.headers.contains_key("front-token"));
        assert_ne!((&client.refresh, &client.cookies), (&before.refresh, &before.cookies));
        assert_eq!(client.get("/me").await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn an_expired_access_token_asks_for_a_refresh_and_leaves_tokens_alone() {
    let app = App::new().await;
    let mut client = Client::with_cookies(&app.router).sign_in("ada", "admin").await;
    app.clock.advance(std::time::Duration::from_secs(3600));
    for path in ["/me", "/maybe"] {
        client.get(path).await.assert_refused(401, "try refresh token").assert_tokens_left_alone();
    }
    assert_eq!(client.refresh().await.status, StatusCode::OK);
    assert_eq!(client.get("/me").await.status, StatusCode::OK);
}

#[tokio::test]
async fn without_a_token_there_is_no_session_and_nothing_is_cleared() {
    let app = App::new().await;
    let mut client = Client::with_cookies(&app.router);
    client.get("/me").await.assert_refused(401, "unauthorised").assert_tokens_left_alone();
    client.get("/maybe").await.assert(200, &json!({ "user": null }));
    client.post(SIGN_OUT, &json!({})).await.assert_refused(401, "unauthorised").assert_tokens_left_alone();
}

#[tokio::test]
async fn refreshing_without_a_token_clears_what_there_may_be() {
    let app = App::new().await;
    let reply = Client::with_cookies(&app.router).refresh().await;
    reply.assert_refused(401, "unauthorised").assert_tokens_cleared();
    assert_eq!(reply.set_cookies("sAccessToken").len(), 1);
    assert_eq!((reply.header("st-access-token"), reply.header("st-refresh-token")), (Some(""), Some("")));
    assert_eq!(reply.header("access-control-expose-headers"), Some("front-token, st-access-token, st-refresh-token"));
}

#[tokio::test]
async fn signing_out_clears_the_transport_that_was_used() {
    let app = App::new().await;
    let mut client = Client::with_cookies(&app.router).sign_in("ada", "admin").await;
    let reply = client.post(SIGN_OUT, &json!({})).await;
    reply.assert(200, &json!({ "status": "OK" })).assert_tokens_cleared();
    assert!(client.cookies.is_empty(), "{:?}", client.cookies.keys());
    assert!(reply.header("st-access-token").is_none());

    let mut client = Client::with_headers(&app.router).sign_in("ada", "admin").await;
    let reply = client.post(SIGN_OUT, &json!({})).await;
    reply.assert(200, &json!({ "status": "OK" })).assert_tokens_cleared();
    assert!(reply.headers.get("set-cookie").is_none());
    assert!(client.access.is_none() && client.refresh.is_none());
}

#[tokio::test]
async fn a_foreign_bearer_token_disturbs_no_cookie_session() {
    let app = App::new().await;
    let foreign = "Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln";
    let mut client = Client::with_cookies(&app.router).sign_in("ada", "admin").await.sending("authorization", foreign);
    assert_eq!(client.get("/me").await.status, StatusCode::OK);
    assert_eq!(client.refresh().await.status, StatusCode::OK);
}

#[tokio::test]
async fn v9_2_2_an_access_token_does_not_refresh_and_a_refresh_token_does_not_verify() {
    let app = App::new().await;
    let mut client = Client::with_headers(&app.router).sign_in("ada", "admin").await;
    std::mem::swap(&mut client.access, &mut client.refresh);
    client.get("/me").await.assert_refused(401, "unauthorised");
    client.refresh().await.assert_refused(401, "unauthorised");
}

#[tokio::test]
async fn a_token_of_one_kind_is_refused_where_another_is_asked_for() {
    let app = App::new().await;
    let mut client = Client::with_headers(&app.router).sign_in("ada", "admin").await;
    let reason = json!({ "message": "wrong value", "expectedValue": "staff", "actualValue": "shopper" });
    let body = json!({ "message": "invalid claim", "claimValidationErrors": [{ "id": "_k", "reason": reason }] });
    client.get("/staff").await.assert(403, &body).assert_tokens_left_alone();
}

#[tokio::test]
async fn a_failed_claim_is_403_with_what_was_expected() {
    let app = App::new().await;
    let mut client = Client::with_headers(&app.router).sign_in("ada", "customer").await;
    let reply = client.get("/admin").await;
    assert_eq!(reply.status, StatusCode::FORBIDDEN);
    let body = reply.json();
    assert_eq!(body["message"], "invalid claim");
    assert_eq!(body["claimValidationErrors"][0]["reason"]["message"], "wrong value");
    client.post("/role", &json!("admin")).await;
    assert_eq!(client.get("/admin").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_changed_payload_goes_out_with_the_response_and_keeps_the_expiry() {
    let app = App::new().await;
    for mut client in [Client::with_cookies(&app.router), Client::with_headers(&app.router)] {
        client = client.sign_in("ada", "customer").await;
        let before = client.front.clone().expect("a front-token");
        app.clock.advance(std::time::Duration::from_secs(60));
        let reply = client.post("/role", &json!("admin")).await;
        reply.assert(200, &json!({ "role": "admin" }));
        assert!(reply.set_cookies("sRefreshToken").is_empty() && reply.header("st-refresh-token").is_none());
        let after = client.front.clone().expect("a front-token");
        assert_eq!((&after["up"]["role"], &after["ate"]), (&json!("admin"), &before["ate"]));
        client.get("/me").await.assert(200, &json!({ "user": "ada", "role": "admin" }));
        client.refresh().await;
        client.get("/me").await.assert(200, &json!({ "user": "ada", "role": "admin" }));
    }
}

#[tokio::test]
async fn the_custom_header_mode_asks_for_a_header_on_unsafe_methods() {
    let app = App::with(policy().anti_csrf(AntiCsrf::CustomHeader)).await;
    let mut client = Client::with_cookies(&app.router).sign_in("ada", "admin").await;
    assert_eq!(client.get("/me").await.status, StatusCode::OK);
    client.post("/me", &json!({})).await.assert_refused(401, "try refresh token");
    client.refresh().await.assert_refused(401, "unauthorised").assert_tokens_left_alone();
    let mut client = client.sending("rid", "anti-csrf");
    assert_eq!(client.post("/me", &json!({})).await.status, StatusCode::OK);
    assert_eq!(client.refresh().await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_token_mode_asks_for_the_value_that_went_out_with_the_tokens() {
    let app = App::with(policy().anti_csrf(AntiCsrf::Token)).await;
    let mut client = Client::with_cookies(&app.router).sign_in("ada", "admin").await;
    let first = client.anti_csrf.clone().expect("an anti-CSRF value");
    assert_eq!(client.post("/me", &json!({})).await.status, StatusCode::OK);
    assert_eq!(client.refresh().await.status, StatusCode::OK);
    assert_ne!(client.anti_csrf.as_ref(), Some(&first), "a new one at every refresh");
    assert_eq!(client.post("/me", &json!({})).await.status, StatusCode::OK);
    for wrong in [None, Some(first), Some("x".to_owned())] {
        client.anti_csrf = wrong;
        client.post("/me", &json!({})).await.assert_refused(401, "try refresh token").assert_tokens_left_alone();
    }
    client.anti_csrf = None;
    client.refresh().await.assert_refused(401, "unauthorised").assert_tokens_left_alone();
}

#[tokio::test]
async fn v3_5_1_the_origin_mode_refuses_what_another_site_sends() {
    let app = App::new().await;
    let client = Client::with_cookies(&app.router).sign_in("ada", "admin").await;
    let origin = |site: &'static str, origin: Option<&str>| {
        let client = client.clone().sending("sec-fetch-site", site);
        origin.map_or(client.clone(), |origin| client.sending("origin", origin))
    };
    for mut foreign in [
        origin("cross-site", None),
        origin("cross-site", Some("https://evil.example")),
        origin("same-site", Some("http://other.localhost:3000")),
        client.clone().sending("origin", "https://evil.example"),
        client.clone().sending("origin", "null"),
    ] {
        foreign.post("/me", &json!({})).await.assert_refused(401, "try refresh token");
        foreign.refresh().await.assert_refused(401, "unauthorised").assert_tokens_left_alone();
    }
    for mut ours in [
        origin("same-origin", None),
        origin("none", None),
        origin("same-site", Some("http://localhost:3000")),
        client.clone().sending("origin", "http://localhost:3000"),
        client.clone(),
    ] {
        assert_eq!(ours.post("/me", &json!({})).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn header_mode_needs_no_anti_csrf() {
    let app = App::with(policy().anti_csrf(AntiCsrf::Token)).await;
    let mut client = Client::with_headers(&app.router).sign_in("ada", "admin").await;
    assert!(client.anti_csrf.is_none());
    assert_eq!(client.post("/me", &json!({})).await.status, StatusCode::OK);
    assert_eq!(client.refresh().await.status, StatusCode::OK);
}

#[tokio::test]
async fn c12_of_several_cookies_of_one_name_the_one_that_opens_is_used() {
    let app = App::new().await;
    let client = Client::with_cookies(&app.router).sign_in("ada", "admin").await;
    let access = &client.cookies["sAccessToken"].0;
    let refresh = &client.cookies["sRefreshToken"].0;
    let send = |path: &'static str, cookies: String| {
        let mut bare = Client::with_cookies(&app.router).sending("cookie", &cookies);
        async move { if path == REFRESH { bare.refresh().await } else { bare.get(path).await } }
    };
    for cookies in
        [format!("sAccessToken=old; sAccessToken={access}"), format!("sAccessToken={access}; sAccessToken=old")]
    {
        assert_eq!(send("/me", cookies).await.status, StatusCode::OK);
    }
    assert_eq!(send(REFRESH, format!("sRefreshToken=old; sRefreshToken={refresh}")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_token_of_the_other_transport_is_cleared_at_sign_in() {
    let app = App::new().await;
    let cookies = Client::with_cookies(&app.router).sign_in("ada", "admin").await;
    let line = format!("sAccessToken={}", cookies.cookies["sAccessToken"].0);
    let mut client = Client::with_headers(&app.router).sending("cookie", &line);
    let reply = client.post("/login", &json!({ "user": "ada", "role": "admin" })).await;
    assert!(reply.set_cookies("sAccessToken")[0].starts_with("sAccessToken=;"));
    assert_ne!(reply.header("front-token"), Some("remove"));
    assert!(client.access.is_some());
}

#[tokio::test]
async fn routes_without_a_session_are_left_as_they_are() {
    let app = App::new().await;
    let reply = Client::with_cookies(&app.router).get("/plain").await;
    assert_eq!((reply.status, reply.text.as_str()), (StatusCode::OK, "plain"));
    reply.assert_tokens_left_alone();
    assert!(reply.header("cache-control").is_none());
}

#[tokio::test]
async fn a_route_outside_the_layer_says_what_is_missing_to_the_log_only() {
    async fn me(session: session_runtime::Session) -> String {
        session.user_id().to_string()
    }
    let bare: axum::Router = axum::Router::new().route("/me", axum::routing::get(me));
    let mut client = Client::with_cookies(&bare);
    client.get("/me").await.assert_refused(500, "internal error");
}

#[tokio::test]
async fn a_refresh_asks_where_it_comes_from_whatever_its_method_and_whoever_looked_before() {
    async fn again(_: MaybeSession<Shopper, Cart>, sessions: Sessions) -> Result<(), SessionError> {
        sessions.refresh_request().await.map(drop)
    }
    let app = App::with(policy().anti_csrf(AntiCsrf::CustomHeader)).await;
    let client = Client::with_cookies(&app.router).sign_in("ada", "admin").await;
    let router = axum::Router::new().route("/again", axum::routing::get(again)).layer(app.sessions.layer());
    let cookies = client.cookies.iter().map(|(name, (value, _))| format!("{name}={value}"));
    let cookies = cookies.collect::<Vec<_>>().join("; ");
    for (rid, status) in [(None, 401), (Some("session"), 200)] {
        let mut request = http::Request::get("/again").header("cookie", &cookies);
        if let Some(rid) = rid {
            request = request.header("rid", rid);
        }
        let reply = call(&router, request.body(axum::body::Body::empty()).expect("a request")).await;
        assert_eq!(reply.status, status, "{rid:?}");
    }
}
