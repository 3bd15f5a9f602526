//! What nodes ask a database for while clients do nothing but come with their access tokens: the server's own log of statements says so.

use session_runtime::testing::ManualClock;
use session_tests::app::{App, policy};
use session_tests::client::Client;
use session_tests::engine::{Database, Server};
use session_tests::on_each_server;

on_each_server! { a_server_hears_nothing_of_requests_that_are_only_verified }

const NODES: usize = 3;
const CLIENTS: usize = 20;
const REQUESTS: usize = 50;

/// What nodes ask by themselves, however many requests there are: news of revocations, and whose turn it is to purge.
const OF_THE_BACKGROUND: [&str; 2] = ["FROM session_invalidations WHERE", "session_leases"];

async fn a_server_hears_nothing_of_requests_that_are_only_verified(server: Server) {
    let database = server.fresh_database().await;
    database.log_statements().await;
    let nodes = nodes(&database).await;
    let clients = clients(&nodes).await;
    let mut read = database.statements().await.len();
    assert!(read > CLIENTS, "the log was written: {read} statements");

    let answered = load(&nodes, clients).await;
    assert_eq!(answered, NODES * CLIENTS * REQUESTS);
    assert_eq!(news(&database, &mut read).await, [""; 0], "of {answered} requests");

    // What they have left behind: a statement for each node, however many requests it answered.
    for node in &nodes {
        node.sessions.flush_notes().await.expect("notes");
        node.sessions.read_revocations().await.expect("a look");
    }
    let notes = news(&database, &mut read).await;
    assert!(notes.len() == NODES && notes.iter().all(|sql| sql.contains("last_seen_at")), "{notes:#?}");

    // The log is still written.
    Client::with_headers(&nodes[0].router).sign_in("grace", "customer").await;
    let created = news(&database, &mut read).await;
    assert!(created.len() == 1 && created[0].starts_with("INSERT INTO sessions "), "{created:#?}");
}

async fn nodes(database: &Database) -> Vec<App> {
    let clock = ManualClock::default();
    let mut nodes = Vec::new();
    for _ in 0..NODES {
        nodes.push(App::on(database.connect().await, policy(), clock.clone()).await);
    }
    nodes
}

/// Who signed in at one of the nodes or another. One of them has signed out since, and comes all the same.
async fn clients(nodes: &[App]) -> Vec<Client> {
    let mut clients = Vec::new();
    for number in 0..CLIENTS {
        let router = &nodes[number % NODES].router;
        let client = if number % 2 == 0 { Client::with_cookies(router) } else { Client::with_headers(router) };
        clients.push(client.sign_in(&format!("user-{number}"), "customer").await);
    }
    assert_eq!(clients[0].clone().post("/logout", &serde_json::json!({})).await.status, 200);
    for node in nodes {
        node.sessions.read_revocations().await.expect("a look");
    }
    clients
}

/// Each client comes to each node many times. Answers how often somebody was answered as they should be.
async fn load(nodes: &[App], clients: Vec<Client>) -> usize {
    let mut answered = 0;
    for (number, client) in clients.into_iter().enumerate() {
        for node in nodes {
            let client = client.clone().moved_to(&node.router);
            for _ in 0..REQUESTS {
                let expected = if number == 0 { 401 } else { 200 };
                // Each time as it came: a refusal takes the client's tokens away.
                answered += usize::from(client.clone().get("/me").await.status.as_u16() == expected);
            }
        }
    }
    answered
}

/// What has been written down since the last time, without what nodes ask by themselves.
async fn news(database: &Database, read: &mut usize) -> Vec<String> {
    let statements = database.statements().await;
    let news = statements.get(*read..).unwrap_or_default();
    *read = statements.len();
    let of_the_background = |sql: &&String| OF_THE_BACKGROUND.iter().any(|part| sql.contains(part));
    news.iter().filter(|sql| !of_the_background(sql)).cloned().collect()
}
