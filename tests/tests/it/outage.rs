//! A database that is locked, full or gone: 503 with `Retry-After`, tokens left alone, nothing lost.

use sea_orm::{ConnectionTrait, DatabaseConnection};
use serde_json::json;
use session_runtime::testing::ManualClock;
use session_runtime::{Keys, Sessions, SetupError};
use session_tests::app::{App, in_memory, on_file, policy};
use session_tests::client::{Client, Reply};

async fn sql(connection: &DatabaseConnection, sql: &str) {
    connection.execute_unprepared(sql).await.expect(sql);
}

#[track_caller]
fn assert_unavailable(reply: &Reply) {
    reply.assert_refused(503, "unavailable").assert_tokens_left_alone();
    assert_eq!(reply.header("retry-after"), Some("1"));
}

/// Whatever writes or asks the database, each with what it answers when there is none; and what needs none goes on.
async fn assert_degraded(app: &App, client: &mut Client) {
    assert_eq!(client.get("/me").await.status, 200, "verification needs no database");
    assert_unavailable(&client.post("/cart", &json!(1)).await);
    assert_unavailable(&client.post("/role", &json!("admin")).await);
    assert_unavailable(&client.refresh().await);
    assert_unavailable(&client.post("/logout", &json!({})).await);
    assert_unavailable(
        &Client::with_cookies(&app.router).post("/login", &json!({ "user": "bob", "role": "admin" })).await,
    );
}

#[tokio::test]
async fn a_locked_database_costs_nobody_a_session() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("sessions.db");
    let app = App::on(on_file(&file).await, policy(), ManualClock::default()).await;
    let mut client = Client::with_cookies(&app.router).sign_in("ada", "customer").await;

    let other = on_file(&file).await;
    let transaction = sea_orm::TransactionTrait::begin_with_options(
        &other,
        sea_orm::TransactionOptions {
            sqlite_transaction_mode: Some(sea_orm::SqliteTransactionMode::Exclusive),
            ..Default::default()
        },
    )
    .await
    .expect("the lock");
    assert_degraded(&app, &mut client).await;
    transaction.rollback().await.expect("the lock's end");

    assert_eq!(client.refresh().await.status, 200);
    client.get("/cart").await.assert(200, &json!({ "items": [] }));
}

#[tokio::test]
async fn a_database_that_is_gone_costs_nobody_a_token() {
    let connection = in_memory().await;
    let app = App::on(connection.clone(), policy(), ManualClock::default()).await;
    let mut client = Client::with_headers(&app.router).sign_in("ada", "customer").await;
    sql(&connection, "ALTER TABLE sessions RENAME TO lost").await;
    assert_degraded(&app, &mut client).await;
    assert_unavailable(&client.get("/check").await);
    assert_unavailable(&client.get("/cart").await);
    sql(&connection, "ALTER TABLE lost RENAME TO sessions").await;
    assert_eq!(client.refresh().await.status, 200);
}

#[tokio::test]
async fn a_full_database_loses_no_acknowledged_write() {
    let connection = in_memory().await;
    let app = App::on(connection.clone(), policy(), ManualClock::default()).await;
    sql(&connection, "PRAGMA max_page_count = 30").await;
    let (mut acknowledged, mut refused) = (0, 0);
    for user in 0..400 {
        let reply = Client::with_headers(&app.router)
            .post("/login", &json!({ "user": format!("u{user}"), "role": "admin" }))
            .await;
        match reply.status.as_u16() {
            200 => acknowledged += 1,
            503 => refused += 1,
            other => panic!("{other}"),
        }
    }
    assert!(acknowledged > 0 && refused > 0, "{acknowledged} {refused}");
    let stored = connection.query_one_raw(sea_orm::Statement::from_string(
        connection.get_database_backend(),
        "SELECT count(*) AS stored FROM sessions",
    ));
    let stored: i64 = stored.await.expect("a count").expect("a row").try_get("", "stored").expect("a number");
    assert_eq!(stored, acknowledged);
}

#[tokio::test]
async fn a_failed_commit_of_a_revocation_is_reported_and_ends_nothing() {
    let connection = in_memory().await;
    let app = App::on(connection.clone(), policy(), ManualClock::default()).await;
    let mut client = Client::with_cookies(&app.router).sign_in("ada", "customer").await;
    sql(&connection, "ALTER TABLE session_invalidations RENAME TO lost").await;
    assert_unavailable(&client.post("/logout", &json!({})).await);
    sql(&connection, "ALTER TABLE lost RENAME TO session_invalidations").await;
    assert_eq!(client.get("/me").await.status, 200);
    assert_eq!(client.refresh().await.status, 200, "the row is still there");
}

/// The statement answers its row, and SQLite commits only after that.
#[tokio::test]
async fn a_failed_commit_of_a_refresh_is_reported_and_rotates_nothing() {
    let connection = in_memory().await;
    let app = App::on(connection.clone(), policy(), ManualClock::default()).await;
    let mut client = Client::with_cookies(&app.router).sign_in("ada", "customer").await;
    sql(&connection, "CREATE TABLE one (id INTEGER PRIMARY KEY)").await;
    sql(&connection, "CREATE TABLE other (id INTEGER REFERENCES one (id) DEFERRABLE INITIALLY DEFERRED)").await;
    sql(&connection, "CREATE TRIGGER fails AFTER UPDATE ON sessions BEGIN INSERT INTO other VALUES (7); END").await;
    assert_unavailable(&client.refresh().await);
    sql(&connection, "DROP TRIGGER fails").await;
    assert_eq!(client.refresh().await.status, 200);
    let found = &app.sessions.list_sessions("ada").await.expect("a list")[0];
    assert_eq!(found.generation().number(), 2, "once");
}

#[tokio::test]
async fn notes_that_could_not_be_written_are_kept() {
    let connection = in_memory().await;
    let app = App::on(connection.clone(), policy(), ManualClock::default()).await;
    let mut client = Client::with_headers(&app.router).sign_in("ada", "customer").await;
    app.clock.advance(std::time::Duration::from_secs(60));
    client.get("/me").await;
    sql(&connection, "ALTER TABLE sessions RENAME TO lost").await;
    assert!(app.sessions.flush_notes().await.is_err());
    sql(&connection, "ALTER TABLE lost RENAME TO sessions").await;
    app.sessions.flush_notes().await.expect("a flush");
    let found = &app.sessions.list_sessions("ada").await.expect("a list")[0];
    assert_eq!(found.created_at().until(found.last_seen_at()).as_secs(), 60);
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_an_error_and_no_sign_out() {
    let connection = in_memory().await;
    let app = App::on(connection.clone(), policy(), ManualClock::default()).await;
    let mut client = Client::with_headers(&app.router).sign_in("ada", "customer").await;
    sql(&connection, "UPDATE sessions SET data = '{\"items\":\"none\"}'").await;
    let reply = client.get("/cart").await;
    reply.assert_refused(401, "unauthorised").assert_tokens_left_alone();
    sql(&connection, "UPDATE sessions SET data = '{', generation = -1").await;
    assert_unavailable(&client.refresh().await);
}

#[tokio::test]
async fn set_up_errors_are_typed() {
    let builder = || Sessions::builder(policy().build().expect("a policy"), Keys::managed());
    for url in ["", "nonsense", "sqlite:///no/such/folder/sessions.db", "postgres://localhost/x", "mysql://localhost/x"]
    {
        let error = builder().connect(url).await.expect_err(url);
        assert!(matches!(error, SetupError::Database(_) | SetupError::Engine { .. }), "{url}: {error:?}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("no-database");
    std::fs::write(&file, "this is no SQLite file, however long it may be").expect("a file");
    assert!(builder().connect(&format!("sqlite://{}", file.display())).await.is_err());
}
