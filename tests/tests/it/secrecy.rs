//! Nothing that would let its reader sign in is shown: not in the log at any level, not by `Debug`, not in the database's file.

use serde_json::json;
use session_runtime::{Keys, Secret, Sessions, WrappingKey};
use session_tests::app::{App, Cart, Role, policy, shopper};
use session_tests::client::{Client, SIGN_OUT};
use session_tests::log::Log;

/// Every token that a client ever held.
#[derive(Default)]
struct Seen(Vec<String>);

impl Seen {
    fn note(&mut self, client: &Client) {
        self.0.extend(client.access.clone());
        self.0.extend(client.refresh.clone());
        self.0.extend(client.anti_csrf.clone());
        self.0.extend(client.cookies.values().map(|(value, _)| value.clone()));
    }

    /// Tokens whole, and each part that is a secret by itself.
    fn needles(&self) -> Vec<&str> {
        let parts = self.0.iter().flat_map(|token| token.rsplit('.').take(1).chain([token.as_str()]));
        parts.filter(|part| part.len() >= 32).collect()
    }
}

#[tokio::test]
async fn v16_2_5_no_token_is_logged_at_any_level() {
    let (log, _recording) = Log::record();
    let app = App::with(policy().anti_csrf(session_runtime::AntiCsrf::Token)).await;
    let mut seen = Seen::default();
    for mut client in [Client::with_cookies(&app.router), Client::with_headers(&app.router)] {
        client = client.sign_in("ada", "admin").await;
        seen.note(&client);
        let mut thief = client.clone();
        client.get("/me").await;
        client.post("/role", &json!("customer")).await;
        seen.note(&client);
        client.post("/pay", &json!("tok_4242_4242_4242_4242_4242_4242_4242")).await;
        client.get("/leak").await;
        client.refresh().await;
        client.refresh().await;
        seen.note(&client);
        client.get("/admin").await;
        thief.refresh().await.assert_refused(401, "token theft detected");
        client.get("/me").await;
        client = client.sign_in("ada", "admin").await;
        seen.note(&client);
        client.post(SIGN_OUT, &json!({})).await;
    }
    let text = log.text();
    assert!(text.contains("refresh token reused: session revoked"), "the log is recorded, and theft is in it: {text}");
    for needle in seen.needles().into_iter().chain(["tok_4242"]) {
        assert!(!text.contains(needle), "{needle} was logged");
    }
}

#[tokio::test]
async fn no_debug_output_shows_a_token_or_a_key() {
    let app = App::new().await;
    let session =
        app.sessions.create_new_session("ada", shopper(Role::Admin), Cart::default()).await.expect("a session");
    let tokens = session.tokens().expect("tokens").clone();
    let refresh = tokens.refresh_token().expect("a refresh token").to_owned();
    let refreshed = app.sessions.refresh_session(&refresh).await.expect("a refresh");
    let theft = {
        let next = app.sessions.refresh_session(refreshed.tokens().refresh_token().expect("a token")).await;
        let _ = next.expect("a refresh");
        app.sessions.refresh_session(&refresh).await.expect_err("theft")
    };
    let secret = "a secret of 32 bytes or more, drawn";
    let shown = [
        format!("{session:?} {tokens:?} {refreshed:?} {theft:?} {theft}"),
        format!("{:?} {:?}", app.sessions, app.sessions.policy()),
        format!("{:?}", Keys::from_secrets([secret]).expect("a key")),
        format!("{:?}", WrappingKey::from_secret(secret).expect("a key")),
        format!("{:?}", Cart { payment_token: Some(Secret::new("tok_4242".into())), ..Cart::default() }),
        format!(
            "{:?}",
            Sessions::builder(policy().build().expect("a policy"), Keys::from_secrets([secret]).expect("a key"))
        ),
    ];
    for needle in
        [tokens.access_token(), tokens.front_token(), &refresh, refreshed.tokens().access_token(), "tok_4242", secret]
    {
        for text in &shown {
            assert!(!text.contains(needle), "{text}");
        }
    }
}

#[tokio::test]
async fn a_secret_in_session_data_is_stored_and_never_answered() {
    let app = App::new().await;
    let mut client = Client::with_cookies(&app.router).sign_in("ada", "admin").await;
    client.post("/pay", &json!("tok_4242")).await.assert(200, &json!({}));
    let handle = *app.sessions.list_sessions("ada").await.expect("a list")[0].handle();
    let stored = app.sessions.data::<Cart>(&handle).await.expect("data").expect("a session");
    assert_eq!(stored.payment_token.as_ref().map(|token| token.expose().as_str()), Some("tok_4242"));
    let reply = client.get("/leak").await;
    assert_eq!(reply.status, 500);
    assert!(!reply.text.contains("tok_4242"), "{}", reply.text);
}

/// With managed keys wrapped by a key outside, the database's files hold no key and no token.
#[tokio::test]
async fn the_database_alone_gives_no_usable_token() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("sessions.db");
    let wrapping = WrappingKey::from_file(folder.path().join("key")).expect("a wrapping key");
    let sessions = Sessions::builder(policy().build().expect("a policy"), Keys::managed_wrapped(wrapping))
        .connect(&format!("sqlite://{}", file.display()))
        .await
        .expect("sessions");
    let session = sessions.create_new_session("ada", shopper(Role::Admin), Cart::default()).await.expect("a session");
    let tokens = session.tokens().expect("tokens");
    let refresh = tokens.refresh_token().expect("a refresh token");
    let raw = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, refresh).expect("base64url");
    let secret = raw.get(27..59).expect("the session's secret");

    let mut bytes = std::fs::read(&file).expect("the database");
    bytes.extend(std::fs::read(file.with_extension("db-wal")).expect("its log"));
    let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    assert!(holds(b"shopper"), "the row is in the bytes that are searched");
    assert!(!holds(tokens.access_token().as_bytes()) && !holds(refresh.as_bytes()) && !holds(secret));
    assert_no_window_signs(&bytes, tokens.access_token());
}

/// Takes every 32 bytes of the files for a master secret, derives the key for access tokens from it, and tries it.
fn assert_no_window_signs(bytes: &[u8], access_token: &str) {
    use hmac::{KeyInit, Mac};
    let (signed, signature) = access_token.rsplit_once('.').expect("three parts");
    let signature =
        base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, signature).expect("base64url");
    for window in bytes.windows(32).filter(|window| window.iter().filter(|byte| **byte != 0).count() > 24) {
        let mut key = [0; 32];
        hkdf::Hkdf::<sha2::Sha256>::new(Some(b"session-runtime/1"), window)
            .expand(b"access", &mut key)
            .expect("32 bytes");
        let mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(&key).expect("any length").chain_update(signed);
        assert!(mac.verify_slice(&signature).is_err(), "a key lies in the database in clear");
    }
}
