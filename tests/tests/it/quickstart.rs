//! The quickstart as a user starts it: its own process, real HTTP, real files, and real kills.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use session_tests::process::Quickstart;

/// A mobile app of the quickstart: tokens in headers.
#[derive(Clone, Default)]
struct Phone {
    http: reqwest::Client,
    access: String,
    refresh: String,
}

struct Answer {
    status: u16,
    body: Value,
    front: Option<String>,
}

impl Phone {
    async fn sign_in(server: &Quickstart, user: &str, role: &str) -> Self {
        let mut phone = Self::default();
        let answer = phone.post(server, "/login", &json!({ "userId": user, "role": role })).await;
        assert_eq!((answer.status, &answer.body["userId"]), (200, &json!(user)));
        phone
    }

    async fn get(&mut self, server: &Quickstart, path: &str) -> Answer {
        self.send(self.http.get(server.url.clone() + path).bearer_auth(&self.access)).await
    }

    async fn post(&mut self, server: &Quickstart, path: &str, body: &Value) -> Answer {
        self.send(self.http.post(server.url.clone() + path).bearer_auth(&self.access).json(body)).await
    }

    async fn refresh(&mut self, server: &Quickstart) -> Answer {
        let url = server.url.clone() + "/auth/session/refresh";
        self.send(self.http.post(url).bearer_auth(&self.refresh)).await
    }

    async fn send(&mut self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.expect("an answer");
        let header = |name| response.headers().get(name).map(|value| value.to_str().expect("visible").to_owned());
        if let Some(access) = header("st-access-token") {
            self.access = access;
        }
        if let Some(refresh) = header("st-refresh-token") {
            self.refresh = refresh;
        }
        let front = header("front-token");
        Answer { status: response.status().as_u16(), front, body: response.json().await.expect("JSON") }
    }
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

#[tokio::test]
async fn the_two_printed_lines_work() {
    let folder = folder();
    let server = Quickstart::start(folder.path(), &[]);
    let sh = |line: String| {
        let output = Command::new("sh").arg("-c").arg(line).current_dir(folder.path()).output().expect("sh and curl");
        serde_json::from_slice::<Value>(&output.stdout).expect("JSON")
    };
    let [first, second] = &server.hints[..] else { panic!("two lines: {:?}", server.hints) };
    let login = sh(format!("{first} --silent"));
    assert_eq!(login["userId"], "ada");
    let me = sh(format!("{second} --silent"));
    assert_eq!(me, json!({ "userId": "ada", "sessionHandle": login["sessionHandle"], "role": "customer" }));
}

#[tokio::test]
async fn its_face_is_as_documented() {
    let folder = folder();
    let server = Quickstart::start(folder.path(), &[]);
    let mut phone = Phone::sign_in(&server, "ada", "customer").await;
    let own = phone.get(&server, "/me").await.body["sessionHandle"].clone();
    let other =
        Phone::sign_in(&server, "ada", "customer").await.get(&server, "/me").await.body["sessionHandle"].clone();
    let mut stranger = Phone::sign_in(&server, "bob", "customer").await;

    assert_eq!(phone.get(&server, "/admin").await.status, 403);
    assert_eq!(phone.post(&server, "/role", &json!({ "role": "admin" })).await.body["role"], "admin");
    assert_eq!(phone.get(&server, "/admin").await.status, 200);
    assert_eq!(phone.get(&server, "/cart").await.body, json!({ "items": [] }));
    assert_eq!(phone.post(&server, "/cart", &json!({ "item": "tea" })).await.body, json!({ "items": ["tea"] }));
    assert_eq!(phone.get(&server, "/cart").await.body, json!({ "items": ["tea"] }));

    let listed = phone.get(&server, "/sessions").await.body["sessions"].clone();
    let handles: Vec<&Value> = listed.as_array().expect("a list").iter().map(|found| &found["sessionHandle"]).collect();
    assert_eq!(handles, [&own, &other]);
    assert_eq!((&listed[0]["current"], &listed[1]["current"]), (&json!(true), &json!(false)));
    assert_eq!(listed[0]["address"], "127.0.0.1");
    let path = format!("{}/sessions/{}", server.url, other.as_str().expect("a handle"));
    let delete = |phone: &Phone| phone.http.delete(&path).bearer_auth(&phone.access);
    assert_eq!(stranger.send(delete(&stranger)).await.status, 404, "not of this user");
    assert_eq!(phone.send(delete(&phone)).await.status, 200);
    assert_eq!(phone.send(delete(&phone)).await.status, 404, "gone already");

    Phone::sign_in(&server, "ada", "customer").await;
    let revoked = phone.post(&server, "/sessions/revoke-others", &json!({})).await.body["revoked"].clone();
    assert_eq!(revoked.as_array().map(Vec::len), Some(1));
    assert_eq!(phone.post(&server, "/logout", &json!({})).await.front.as_deref(), Some("remove"));
    assert_eq!(stranger.post(&server, "/auth/signout", &json!({})).await.body, json!({ "status": "OK" }));

    for (path, body) in [("/login", json!({ "userId": "" })), ("/login", json!({ "userId": "a b" }))] {
        assert_eq!(phone.post(&server, path, &body).await.status, 400);
    }
    assert_eq!(phone.post(&server, "/login", &json!({ "userId": "a", "role": "king" })).await.status, 422);
}

#[tokio::test]
async fn verification_goes_on_without_the_database_file() {
    let folder = folder();
    let server = Quickstart::start(folder.path(), &[]);
    let mut phone = Phone::sign_in(&server, "ada", "customer").await;
    for suffix in ["", "-wal", "-shm"] {
        let file = folder.path().join(format!("quickstart.db{suffix}"));
        std::fs::rename(&file, file.with_extension("moved")).expect("a file to move");
    }
    assert_eq!(phone.get(&server, "/me").await.status, 200);
}

#[tokio::test]
async fn a_session_survives_kill_9_between_creation_and_first_use() {
    let folder = folder();
    let mut server = Quickstart::start(folder.path(), &[]);
    let mut phone = Phone::sign_in(&server, "ada", "admin").await;
    server.kill();
    let server = Quickstart::start(folder.path(), &[]);
    assert_eq!(phone.get(&server, "/admin").await.status, 200);
    assert_eq!(phone.refresh(&server).await.status, 200);
}

#[tokio::test]
async fn ctrl_c_stops_it_cleanly_with_its_notes_written() {
    let folder = folder();
    // No grace, so that notes are due only every five seconds: what is written here is written by the stop.
    let settings = [("REFRESH_GRACE_SECONDS", "0")];
    let mut server = Quickstart::start(folder.path(), &settings);
    let mut phone = Phone::sign_in(&server, "ada", "customer").await;
    // A request knows the time to a tick of the kernel.
    tokio::time::sleep(Duration::from_millis(20)).await;
    phone.get(&server, "/me").await;
    let seen = |answer: &Answer| {
        let found = &answer.body["sessions"][0];
        (found["createdAt"].as_i64().expect("a time"), found["lastSeenAt"].as_i64().expect("a time"))
    };
    let (created, before) = seen(&phone.get(&server, "/sessions").await);
    assert!(server.interrupt(), "it ends well");
    let server = Quickstart::start(folder.path(), &settings);
    let (_, after) = seen(&phone.get(&server, "/sessions").await);
    assert!(before == created && after > created, "{created} {before} {after}");
}

#[tokio::test]
async fn a_hundred_refreshes_at_once_make_one_generation() {
    let folder = folder();
    let server = Quickstart::start(folder.path(), &[]);
    let phone = Phone::sign_in(&server, "ada", "customer").await;
    let mut tabs = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let (mut tab, url) = (phone.clone(), server.url.clone() + "/auth/session/refresh");
        tabs.spawn(async move {
            let answer = tab.send(tab.http.post(url).bearer_auth(&tab.refresh)).await;
            (answer.status, tab.refresh)
        });
    }
    let answers = tabs.join_all().await;
    assert!(answers.iter().all(|answer| *answer == (200, answers[0].1.clone())), "one successor for all");
}

#[tokio::test]
async fn a_replayed_token_ends_the_session_and_is_in_the_log_and_no_token_is() {
    let folder = folder();
    let server = Quickstart::start(folder.path(), &[("REFRESH_GRACE_SECONDS", "0")]);
    let mut phone = Phone::sign_in(&server, "ada", "customer").await;
    let mut thief = phone.clone();
    assert_eq!(phone.refresh(&server).await.status, 200);
    assert_eq!(phone.get(&server, "/me").await.status, 200);
    let held = [phone.clone(), thief.clone()];
    let answer = thief.refresh(&server).await;
    let theft = json!({ "message": "token theft detected", "reason": "token_theft" });
    assert_eq!((answer.status, answer.body), (401, theft));
    assert_eq!(phone.get(&server, "/me").await.status, 401);
    let over = json!({ "message": "unauthorised", "reason": "token_theft" });
    assert_eq!(held[0].clone().refresh(&server).await.body, over);

    let log = std::fs::read_to_string(&server.log).expect("a log");
    assert!(log.contains("DEBUG") && log.contains("refresh token reused: session revoked"));
    for token in held.iter().flat_map(|phone| [&phone.access, &phone.refresh]) {
        assert!(!log.contains(token.as_str()), "a token was logged");
    }
}

#[tokio::test]
async fn sessions_of_another_secret_are_refused() {
    let (one, other) = (folder(), folder());
    let server = Quickstart::start(one.path(), &[("SESSION_SECRET", "one secret of 32 bytes or more...")]);
    let mut phone = Phone::sign_in(&server, "ada", "customer").await;
    let other = Quickstart::start(other.path(), &[("SESSION_SECRET", "another secret of 32 bytes or more")]);
    assert_eq!(phone.get(&other, "/me").await.status, 401);
    assert_eq!(phone.refresh(&other).await.status, 401);
}

#[test]
fn wrong_settings_are_named() {
    let folder = folder();
    for (name, value, complaint) in [
        ("ACCESS_TOKEN_SECONDS", "soon", "ACCESS_TOKEN_SECONDS"),
        ("ACCESS_TOKEN_SECONDS", "0", "access_token_lifetime"),
        ("REFRESH_GRACE_SECONDS", "301", "refresh_grace"),
        ("ANTI_CSRF", "maybe", "ANTI_CSRF"),
        ("SESSION_SECRET", "short", "at least 32"),
        ("BIND", "nowhere", "BIND"),
        ("DATABASE_URL", "oracle://x", "database"),
    ] {
        let log = Quickstart::try_start(folder.path(), &[(name, value)]).err().expect(name);
        assert!(log.contains(complaint), "{name}: {log}");
    }
}

#[test]
fn the_folder_is_where_it_was_started() {
    let folder = folder();
    let _server = Quickstart::start(folder.path(), &[]);
    assert!(Path::new(&folder.path().join("quickstart.db.key")).exists());
}
