//! Several processes on one database: nothing that was acknowledged is lost, whoever dies.

use std::collections::HashSet;

use reqwest::Client;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use session_tests::engine::Database;
use session_tests::on_each_engine;
use session_tests::process::Quickstart;
use tempfile::TempDir;
use tokio::task::JoinSet;

on_each_engine! {
    two_hundred_writes_from_three_processes_are_all_there
    a_process_that_is_killed_loses_nothing_that_it_acknowledged
    whoever_was_signed_in_by_a_process_that_is_killed_stays_signed_in
    twenty_processes_that_start_at_once_sign_with_one_key
}

const SECRET: &str = "one secret for all of the processes";
const WRITES: usize = 200;

async fn two_hundred_writes_from_three_processes_are_all_there(database: Database) {
    let nodes = Nodes::start(&database);
    let session = nodes.sign_in().await;
    let acknowledged = nodes.write(&session, |_| {}).await;
    assert_eq!(acknowledged.len(), WRITES, "every write succeeds");
    let stored = nodes.cart(0, &session).await;
    assert_eq!((stored.len(), HashSet::from_iter(stored)), (WRITES, acknowledged));
}

async fn a_process_that_is_killed_loses_nothing_that_it_acknowledged(database: Database) {
    let mut nodes = Nodes::start(&database);
    let session = nodes.sign_in().await;
    let mut doomed = nodes.processes.pop();
    let acknowledged = nodes
        .write(&session, |count| {
            if count == WRITES / 4 {
                // Dropped in the middle of its work: kill -9.
                drop(doomed.take());
            }
        })
        .await;
    assert!((WRITES / 4..WRITES).contains(&acknowledged.len()), "it was killed in the middle: {}", acknowledged.len());
    let stored = nodes.cart(0, &session).await;
    let distinct: HashSet<String> = stored.iter().cloned().collect();
    assert_eq!(distinct.len(), stored.len(), "no write is there twice");
    assert!(distinct.is_superset(&acknowledged), "lost: {:?}", acknowledged.difference(&distinct));
    // What it held in its hands is nobody's to wait for.
    assert_eq!(nodes.add(1, &session, "after").await, Some("after".to_owned()));
}

/// So many at once that they are written in groups.
async fn whoever_was_signed_in_by_a_process_that_is_killed_stays_signed_in(database: Database) {
    let mut nodes = Nodes::start(&database);
    let mut doomed = nodes.processes.pop();
    let mut signing_in = JoinSet::new();
    for user in 0..2 * WRITES {
        let login =
            nodes.client.post(format!("{}/login", nodes.urls[2])).json(&json!({ "userId": format!("u{user}") }));
        signing_in.spawn(async move { access_token(&login.send().await.ok()?) });
    }
    let mut tokens = Vec::new();
    while let Some(token) = signing_in.join_next().await {
        tokens.extend(token.expect("it ends"));
        if tokens.len() == WRITES / 2 {
            // In the middle of a group: kill -9.
            drop(doomed.take());
        }
    }
    assert!((WRITES / 2..2 * WRITES).contains(&tokens.len()), "it was killed in the middle: {}", tokens.len());
    for token in tokens {
        // The cart is read from the session's row.
        assert_eq!(nodes.cart(0, &token).await, Vec::<String>::new());
    }
}

async fn twenty_processes_that_start_at_once_sign_with_one_key(database: Database) {
    let folder = tempfile::tempdir().expect("a folder");
    let (folder, url) = (folder.path(), database.url.as_str());
    // No secret is set, and no table is there: whoever is first makes the tables and the key.
    let start = || Quickstart::start(folder, &[("DATABASE_URL", url)]);
    let nodes: Vec<_> = std::thread::scope(|scope| {
        let starting: Vec<_> = (0..20).map(|_| scope.spawn(start)).collect();
        starting.into_iter().map(|node| node.join().expect("it starts")).collect()
    });
    let client = Client::new();
    let reply = client.post(format!("{}/login", nodes[0].url)).json(&json!({ "userId": "ada" })).send().await;
    let token = reply.expect("an answer").headers()["st-access-token"].to_str().expect("a token").to_owned();
    for node in &nodes {
        let reply = client.get(format!("{}/cart", node.url)).bearer_auth(&token).send().await.expect("an answer");
        assert_eq!(reply.status(), 200, "every node knows the key");
    }
    let keys = "SELECT COUNT(*) FROM session_keys".to_owned();
    let connection = database.connect().await;
    let row = connection.query_one_raw(Statement::from_string(connection.get_database_backend(), keys)).await;
    let made: i64 = row.expect("a count").expect("a row").try_get_by_index(0).expect("a number");
    assert_eq!(made, 1);
}

/// Quickstarts that know of each other by the database alone.
struct Nodes {
    processes: Vec<Quickstart>,
    urls: Vec<String>,
    client: Client,
    _folder: TempDir,
}

impl Nodes {
    fn start(database: &Database) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let settings = [("DATABASE_URL", database.url.as_str()), ("SESSION_SECRET", SECRET)];
        let processes: Vec<_> = (0..3).map(|_| Quickstart::start(folder.path(), &settings)).collect();
        let urls = processes.iter().map(|process| process.url.clone()).collect();
        Self { processes, urls, client: Client::new(), _folder: folder }
    }

    /// The access token of a new session.
    async fn sign_in(&self) -> String {
        let reply = self.client.post(format!("{}/login", self.urls[0])).json(&json!({ "userId": "ada" })).send().await;
        access_token(&reply.expect("an answer")).expect("a token")
    }

    /// Two hundred writes at once, spread over the processes; those that were acknowledged. `progress` hears of each that came back.
    async fn write(&self, session: &str, mut progress: impl FnMut(usize)) -> HashSet<String> {
        let mut writes = JoinSet::new();
        for number in 0..WRITES {
            let request = self.adding(number, session, &format!("item {number}"));
            writes.spawn(async move { acknowledged(request, format!("item {number}")).await });
        }
        let mut done = HashSet::new();
        let mut count = 0;
        while let Some(item) = writes.join_next().await {
            count += 1;
            progress(count);
            done.extend(item.expect("it ends"));
        }
        done
    }

    async fn add(&self, node: usize, session: &str, item: &str) -> Option<String> {
        acknowledged(self.adding(node, session, item), item.to_owned()).await
    }

    fn adding(&self, node: usize, session: &str, item: &str) -> reqwest::RequestBuilder {
        let url = format!("{}/cart", self.urls[node % self.urls.len()]);
        self.client.post(url).bearer_auth(session).json(&json!({ "item": item }))
    }

    async fn cart(&self, node: usize, session: &str) -> Vec<String> {
        let reply = self.client.get(format!("{}/cart", self.urls[node])).bearer_auth(session).send().await;
        let cart: Value = reply.expect("an answer").json().await.expect("JSON");
        serde_json::from_value(cart["items"].clone()).expect("items")
    }
}

fn access_token(reply: &reqwest::Response) -> Option<String> {
    Some(reply.headers().get("st-access-token")?.to_str().ok()?.to_owned())
}

async fn acknowledged(request: reqwest::RequestBuilder, item: String) -> Option<String> {
    let reply = request.send().await.ok()?;
    reply.status().is_success().then_some(item)
}
