//! The command `sessions`, as an operator or a script runs it, on a database that a service works on.

use std::process::{Command, Output};

use serde_json::Value;
use session_runtime::{Keys, NoData, NoPayload, Session, Sessions};
use session_tests::app::policy;
use session_tests::engine::Database;
use session_tests::on_each_engine;
use session_tests::process::admin;

on_each_engine! {
    an_operator_finds_sessions_and_ends_them
    lists_and_exports_go_on_page_after_page
    keys_are_listed_rotated_and_revoked
    tables_are_made_by_migrate_and_by_nothing_else
    what_cannot_be_meant_or_found_is_told_by_the_exit_code
}

struct Tool<'a>(&'a Database);

impl Tool<'_> {
    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(admin());
        command.env("SESSION_DATABASE_URL", &self.0.url).args(arguments);
        command.output().expect("the command runs")
    }

    /// What it prints, a JSON object a line, and how it ends.
    fn json(&self, arguments: &[&str]) -> (Vec<Value>, i32) {
        let output = self.run(&[&["--json"], arguments].concat());
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line} is no JSON")));
        (lines.collect(), output.status.code().expect("a code"))
    }

    fn count(&self, arguments: &[&str]) -> u64 {
        let (found, code) = self.json(&[&["count"], arguments].concat());
        assert_eq!((found.len(), code), (1, 0));
        found[0]["sessions"].as_u64().expect("a number")
    }
}

async fn service(database: &Database) -> Sessions {
    let policy = policy().build().expect("a policy");
    Sessions::builder(policy, Keys::managed()).connect(&database.url).await.expect("sessions")
}

async fn sign_in(sessions: &Sessions, user: &str) -> Session {
    sessions.create_new_session(user, NoPayload, NoData).await.expect("a session")
}

async fn an_operator_finds_sessions_and_ends_them(database: Database) {
    let (sessions, tool) = (service(&database).await, Tool(&database));
    let ada = sign_in(&sessions.with_user_agent("a\u{1b}[2Jphone"), "ada").await;
    let _second = sign_in(&sessions, "ada").await;
    let grace = sign_in(&sessions, "grace").await;
    let handle = ada.handle().to_string();

    let (listed, code) = tool.json(&["list", "--user", "ada"]);
    assert_eq!((listed.len(), code), (2, 0));
    // Two of one millisecond stand in either order.
    assert!(listed.iter().any(|session| session["sessionHandle"] == *handle));
    let (shown, _) = tool.json(&["show", &handle]);
    assert_eq!((&shown[0]["userId"], &shown[0]["payloadKind"]), (&"ada".into(), &"none".into()));
    assert_eq!((tool.count(&[]), tool.count(&["--user", "ada"]), tool.count(&["--tenant", "other"])), (3, 2, 0));
    let for_people = String::from_utf8(tool.run(&["list"]).stdout).expect("UTF-8");
    assert_eq!(for_people.lines().count(), 4, "a head and a line each");
    assert!(!for_people.contains('\u{1b}'), "nothing of a client's moves the cursor");

    assert_eq!(
        tool.json(&["revoke", &handle, "--reason", "lost_phone"]),
        (vec![serde_json::json!({ "revoked": 1 })], 0)
    );
    sessions.read_revocations().await.expect("a look");
    let token = ada.tokens().expect("tokens").access_token();
    let refused = sessions.verify::<NoPayload, NoData>(token).expect_err("it is over");
    assert_eq!(refused.revocation_reason().map(ToString::to_string), Some("lost_phone".to_owned()));
    let (trail, _) = tool.json(&["audit", "--user", "ada"]);
    assert_eq!((trail.len(), &trail[0]["reason"], &trail[0]["event"]), (1, &"lost_phone".into(), &"revoked".into()));

    assert_eq!(tool.json(&["revoke", "--user", "ada"]).0[0]["revoked"], 1);
    assert_eq!(tool.json(&["revoke", "--user", "grace", "--before", "2001-01-01T00:00:00Z"]).1, 1, "none is so old");
    assert_eq!(tool.json(&["revoke", "--all"]).0[0]["revoked"], 1);
    sessions.read_revocations().await.expect("a look");
    assert!(sessions.verify::<NoPayload, NoData>(grace.tokens().expect("tokens").access_token()).is_err());
    assert_eq!(tool.json(&["purge"]), (vec![serde_json::json!({ "purged": 0 })], 0), "what is just over stays a day");
}

async fn lists_and_exports_go_on_page_after_page(database: Database) {
    let (sessions, tool) = (service(&database).await, Tool(&database));
    for _ in 0..7 {
        let _session = sign_in(&sessions, "ada").await;
    }
    let (first, _) = tool.json(&["list", "--limit", "4"]);
    let last = first[3]["sessionHandle"].as_str().expect("a handle");
    let (second, _) = tool.json(&["list", "--limit", "4", "--after", last]);
    assert_eq!((first.len(), second.len()), (4, 3));
    let exported = tool.run(&["export"]);
    let exported = String::from_utf8(exported.stdout).expect("UTF-8");
    let exported: Vec<Value> = exported.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(exported, [first, second].concat(), "an export is all of the list");
}

async fn keys_are_listed_rotated_and_revoked(database: Database) {
    let (sessions, tool) = (service(&database).await, Tool(&database));
    let session = sign_in(&sessions, "ada").await;
    let (keys, _) = tool.json(&["keys", "list"]);
    assert_eq!((keys.len(), &keys[0]["state"]), (1, &"signing".into()));
    let number = keys[0]["number"].to_string();
    assert_eq!(tool.json(&["keys", "rotate"]).0[0]["state"], "waiting");
    assert_eq!(tool.json(&["keys", "list"]).0.len(), 2);
    assert_eq!(tool.json(&["keys", "revoke", &number]).1, 0);
    sessions.keep_keys().await.expect("a look");
    assert!(sessions.verify::<NoPayload, NoData>(session.tokens().expect("tokens").access_token()).is_err());
    assert_eq!(tool.json(&["keys", "revoke", "99"]).1, 1);
    let missing = tool.run(&["keys", "--wrapping-key-file", "/nowhere/key", "list"]);
    assert_eq!(missing.status.code(), Some(2), "no file is made of a mistake");
}

async fn tables_are_made_by_migrate_and_by_nothing_else(database: Database) {
    let tool = Tool(&database);
    for arguments in [["count"].as_slice(), &["list"], &["purge"], &["revoke", "--all"], &["keys", "list"]] {
        let output = tool.run(arguments);
        assert_eq!(output.status.code(), Some(3), "{arguments:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("sessions migrate"), "{arguments:?}: {output:?}");
    }
    let (pending, code) = tool.json(&["migrate", "--status"]);
    assert!(pending.len() >= 4 && code == 0);
    assert_eq!(tool.json(&["migrate"]).0.len(), pending.len());
    assert_eq!(tool.json(&["migrate", "--status"]), (vec![], 1));
    assert_eq!(tool.json(&["migrate"]), (vec![], 0), "once more does nothing");
    assert_eq!(tool.count(&[]), 0);
}

async fn what_cannot_be_meant_or_found_is_told_by_the_exit_code(database: Database) {
    let (_sessions, tool) = (service(&database).await, Tool(&database));
    let nobody = "01890a5d-ac96-774b-bcce-b302099a8057";
    for (arguments, code) in [
        (["show", nobody].as_slice(), 1),
        (&["revoke", nobody], 1),
        (&["list"], 1),
        (&["audit"], 1),
        (&["show", "garbage"], 2),
        (&["revoke"], 2),
        (&["revoke", nobody, "--user", "ada"], 2),
        (&["revoke", "--all", "--before", "yesterday"], 2),
        (&["revoke", nobody, "--reason", "Lost Phone!"], 2),
        (&["list", "--user", ""], 2),
        (&["--tenant", "no tenant", "count"], 2),
        (&["--table-prefix", "x; DROP TABLE sessions", "count"], 2),
        (&["--database-url", "postgres://u:hunter2@[", "count"], 3),
        (&["--database-url", "oracle://u:hunter2@host/db", "count"], 3),
        (&["--database-url", "sqlite:///nowhere/at/all.db", "count"], 3),
    ] {
        let output = tool.run(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {output:?}");
        assert!(output.stdout.is_empty() || code == 1, "{arguments:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?} says why");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!said.contains("hunter2") && !said.contains(&database.url), "{said}");
    }
}
