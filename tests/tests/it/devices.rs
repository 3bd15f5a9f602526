//! Which device a session is used from: what is kept of it, and whose word counts.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::connect_info::MockConnectInfo;
use session_runtime::{ForwardingHeader, Policy, SessionErrorKind, SessionInformation, TrustedProxies};
use session_tests::app::{App, Cart, Role, policy, shopper};
use session_tests::client::Client;

const PROXY: &str = "10.0.0.1:4711";
const STRANGER: &str = "192.0.2.9:4711";

/// The application as it is reached from this end of a connection.
fn reached_from(app: &App, peer: &str) -> Router {
    app.router.clone().layer(MockConnectInfo(peer.parse::<SocketAddr>().expect("an address with a port")))
}

async fn only_session(app: &App) -> SessionInformation {
    let mut found = app.sessions.list_sessions("ada").await.expect("a list");
    assert_eq!(found.len(), 1);
    found.remove(0)
}

fn address(found: &SessionInformation) -> Option<String> {
    found.address().map(|address| address.to_string())
}

#[tokio::test]
async fn a_session_knows_the_user_agent_and_the_address_that_created_it() {
    let app = App::new().await;
    let client = Client::with_headers(&reached_from(&app, STRANGER)).sending("user-agent", "Mozilla/5.0 (X11)");
    client.sign_in("ada", "customer").await;
    let found = only_session(&app).await;
    assert_eq!((found.user_agent(), found.device_label()), (Some("Mozilla/5.0 (X11)"), None));
    assert_eq!(address(&found).as_deref(), Some("192.0.2.9"));
}

#[tokio::test]
async fn where_nothing_is_known_nothing_is_shown() {
    let app = App::new().await;
    Client::with_headers(&app.router).sign_in("ada", "customer").await;
    let found = only_session(&app).await;
    assert_eq!((found.user_agent(), found.address(), found.device_label()), (None, None, None));
}

#[tokio::test]
async fn a_rotation_notes_where_the_session_is_used_from_now() {
    let app = App::new().await;
    let client = Client::with_headers(&reached_from(&app, STRANGER)).sending("user-agent", "one");
    let client = client.sign_in("ada", "customer").await;
    let handle = *only_session(&app).await.handle();
    app.sessions.rename_device(&handle, "Ada's phone").await.expect("a name");

    let mut moved = client.moved_to(&reached_from(&app, "[2001:db8::7]:80")).sending("user-agent", "two");
    let (statements, reply) = app.statements(moved.refresh()).await;
    assert_eq!((statements, reply.status.as_u16()), (App::statements_of_a_rotation(), 200), "no further statement");
    let found = only_session(&app).await;
    assert_eq!((found.user_agent(), found.device_label()), (Some("two"), Some("Ada's phone")));
    assert_eq!(address(&found).as_deref(), Some("2001:db8::7"));
}

#[tokio::test]
async fn a_refresh_without_a_request_forgets_no_device() {
    let app = App::new().await;
    let client = Client::with_headers(&reached_from(&app, STRANGER)).sending("user-agent", "one");
    let client = client.sign_in("ada", "customer").await;
    let token = client.refresh.expect("a refresh token");
    let refreshed = app.sessions.refresh_session(&token).await.expect("a refresh");
    let found = only_session(&app).await;
    assert_eq!((found.user_agent(), address(&found).as_deref()), (Some("one"), Some("192.0.2.9")));

    let elsewhere = app.sessions.with_user_agent("a socket").with_address("192.0.2.10".parse().expect("an address"));
    let token = refreshed.tokens().refresh_token().expect("a refresh token");
    assert!(elsewhere.refresh_session(token).await.is_ok());
    let found = only_session(&app).await;
    assert_eq!((found.user_agent(), address(&found).as_deref()), (Some("a socket"), Some("192.0.2.10")));
}

#[tokio::test]
async fn forwarding_headers_of_strangers_are_ignored() {
    let networks = || TrustedProxies::networks(["10.0.0.0/8"]);
    for (proxies, peer, expected) in [
        (TrustedProxies::none(), STRANGER, "192.0.2.9"),
        (TrustedProxies::none(), PROXY, "10.0.0.1"),
        (networks(), STRANGER, "192.0.2.9"),
        (networks(), PROXY, "203.0.113.5"),
        (networks().writing(ForwardingHeader::Forwarded), PROXY, "203.0.113.6"),
        (TrustedProxies::hops(1), PROXY, "203.0.113.5"),
    ] {
        let app = App::with(policy().trusted_proxies(proxies.clone())).await;
        let client = Client::with_headers(&reached_from(&app, peer))
            .sending("x-forwarded-for", "198.51.100.1, 203.0.113.5")
            .sending("forwarded", "for=198.51.100.1, for=203.0.113.6");
        client.sign_in("ada", "customer").await;
        assert_eq!(address(&only_session(&app).await).as_deref(), Some(expected), "{proxies:?} at {peer}");
    }
}

#[tokio::test]
async fn what_trusted_proxies_cannot_say_is_no_address_and_no_error() {
    let endless = vec!["10.0.0.7"; 10_000].join(", ");
    for (header, expected) in [
        ("unknown", None),
        ("_hidden", None),
        ("%00", None),
        ("[2001:db8::9]:4711", Some("2001:db8::9")),
        (",,,", Some("10.0.0.1")),
        (endless.as_str(), Some("10.0.0.7")),
    ] {
        let app = App::with(policy().trusted_proxies(TrustedProxies::networks(["10.0.0.0/8"]))).await;
        let client = Client::with_headers(&reached_from(&app, PROXY)).sending("x-forwarded-for", header);
        client.sign_in("ada", "customer").await;
        assert_eq!(address(&only_session(&app).await).as_deref(), expected);
    }
}

#[tokio::test]
async fn hostile_user_agents_are_stored_as_text_that_can_be_shown() {
    for (sent, shown) in [
        ("<script>alert(1)</script>', DROP TABLE sessions; --", "<script>alert(1)</script>', DROP TABLE sessions; --"),
        ("tab\there", "tab here"),
        ("right\u{202e}to left", "right to left"),
    ] {
        let app = App::new().await;
        Client::with_headers(&app.router).sending("user-agent", sent).sign_in("ada", "customer").await;
        assert_eq!(only_session(&app).await.user_agent(), Some(shown));
    }
    let app = App::new().await;
    Client::with_headers(&app.router).sending("user-agent", &"é".repeat(60_000)).sign_in("ada", "customer").await;
    assert_eq!(only_session(&app).await.user_agent(), Some("é".repeat(512).as_str()));
}

#[tokio::test]
async fn a_device_can_be_named_at_sign_in_and_after() {
    let app = App::new().await;
    let named = app.sessions.with_device_label(format!(" Ada's\nphone {}", "🦀".repeat(200)));
    let session = named.create_new_session("ada", shopper(Role::Customer), Cart::default()).await.expect("a session");
    let label = only_session(&app).await.device_label().map(str::to_owned).expect("a label");
    assert!(label.starts_with("Ada's phone 🦀") && label.chars().count() == 128, "{label}");

    let (statements, renamed) = app.statements(app.sessions.rename_device(session.handle(), "tablet")).await;
    renamed.expect("a name");
    assert_eq!((statements, only_session(&app).await.device_label()), (1, Some("tablet")));
    app.sessions.rename_device(session.handle(), " ").await.expect("no name");
    assert_eq!(only_session(&app).await.device_label(), None);

    let elsewhere = app.sessions.in_tenant("acme".to_owned().try_into().expect("a tenant"));
    let refused = elsewhere.rename_device(session.handle(), "mine").await.expect_err("another tenant's");
    assert_eq!(refused.kind(), SessionErrorKind::NotFound);
    session.revoke().await.expect("an end");
}

#[test]
fn proxies_that_cannot_be_meant_are_refused() {
    for proxies in [
        TrustedProxies::hops(0),
        TrustedProxies::hops(17),
        TrustedProxies::networks(["0.0.0.0/0"]),
        TrustedProxies::networks(["10.0.0.0/8", "10.0.0.1/8"]),
        TrustedProxies::networks(["proxy.example"]),
    ] {
        let error = Policy::for_api("https://a.example").trusted_proxies(proxies).build().expect_err("no proxies");
        assert_eq!(error.field(), "trusted_proxies", "{error}");
    }
}
