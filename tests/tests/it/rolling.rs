//! Nodes of two versions on one database, as in a deployment that rolls: what was written by the columns of an earlier version is good for
//! the nodes of today, and a node of today goes on over the tables of a later one.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use sea_orm_migration::prelude::SchemaManager;
use sea_orm_migration::{MigratorTraitSelf, prelude::MigrationTrait};
use session_runtime::testing::ManualClock;
use session_runtime::{Keys, Migrator, NoData, NoPayload, Session, Sessions};
use session_tests::app::{policy, refresh_token};
use session_tests::engine::{Database, Engine};
use session_tests::on_each_engine;

on_each_engine! {
    sessions_of_nodes_of_every_earlier_version_are_good_for_todays
    nodes_of_today_go_on_over_the_tables_of_a_later_version
}

/// Tables and their columns.
type Tables = BTreeMap<String, Vec<String>>;

async fn node(database: &Database) -> Sessions {
    let builder = Sessions::builder(policy().build().expect("a policy"), Keys::managed()).clock(ManualClock::default());
    builder.with_connection(database.connect().await).await.expect("sessions")
}

async fn signed_in(node: &Sessions, user: &str) -> Session<NoPayload, NoData> {
    node.create_new_session(user, NoPayload, NoData).await.expect("a session")
}

async fn sessions_of_nodes_of_every_earlier_version_are_good_for_todays(database: Database) {
    let connection = database.connect().await;
    let before = every_earlier_version(&connection, database.engine).await;
    assert_eq!(before.len(), Migrator::default().migrations().len() - 1);
    let new = node(&database).await;
    for (version, tables) in (1..).zip(&before) {
        let user = format!("user-of-version-{version}");
        let session = signed_in(&new, &user).await;
        // The old node signs the same user in: its columns have the same values, and those that it does not know have none.
        let columns = &tables["sessions"];
        let copied: Vec<_> = columns.iter().filter(|column| *column != "handle").cloned().collect();
        let copied = copied.join(", ");
        let handle = other_handle(database.engine, version);
        let sign_in = format!(
            "INSERT INTO sessions (handle, {copied}) SELECT {handle}, {copied} FROM sessions WHERE user_id = '{user}'"
        );
        execute(&connection, &sign_in).await;
        let found = new.list_sessions(user.as_str()).await.expect("a list");
        assert_eq!(found.len(), 2, "version {version}");
        // It refreshes their sessions, with a client that comes to the new node with the same token at the same moment.
        let rotate = "UPDATE sessions SET generation = generation + 1, confirmed = FALSE, rotated_at = created_at";
        execute(&connection, &format!("{rotate} WHERE user_id = '{user}'")).await;
        let refreshed = new.refresh_session(&refresh_token(&session)).await.expect("a refresh");
        let successor = refreshed.tokens().refresh_token().expect("a token");
        new.refresh_session(successor).await.map(drop).expect("a refresh by what both have handed out");
        assert_eq!(new.revoke_all_sessions_for_user(user.as_str()).await.expect("a revocation").len(), 2);
        everything_can_be_read(&connection, tables).await;
        // What it announces is heard.
        let last = signed_in(&new, &user).await;
        announce(&connection, &tables["session_invalidations"], &last).await;
        new.read_revocations().await.expect("a look");
        let token = last.tokens().expect("tokens").access_token();
        assert!(new.verify::<NoPayload, NoData>(token).is_err(), "version {version}");
    }
}

/// The tables as each version before the present one left them. The tables are of the present one in the end, and the migrations that led
/// there found what the nodes of earlier versions had written.
async fn every_earlier_version(connection: &DatabaseConnection, engine: Engine) -> Vec<Tables> {
    let (migrator, mut versions) = (Migrator::default(), Vec::new());
    let all: Vec<Box<dyn MigrationTrait>> = migrator.migrations();
    for _ in 1..all.len() {
        MigratorTraitSelf::up(&migrator, connection, Some(1)).await.expect("a step");
        versions.push(tables(connection, engine).await);
    }
    MigratorTraitSelf::up(&migrator, connection, None).await.expect("the last step");
    versions
}

async fn tables(connection: &DatabaseConnection, engine: Engine) -> Tables {
    let mut tables = Tables::new();
    for table in
        ["sessions", "session_invalidations", "session_keys", "session_audit", "session_leases", "session_users"]
    {
        if SchemaManager::new(connection).has_table(table).await.expect("an answer") {
            tables.insert(table.into(), columns(connection, engine, table).await);
        }
    }
    tables
}

async fn columns(connection: &DatabaseConnection, engine: Engine, table: &str) -> Vec<String> {
    let sql = match engine {
        Engine::Sqlite => format!("SELECT name FROM pragma_table_info('{table}')"),
        Engine::Postgres => {
            format!("SELECT column_name::text AS name FROM information_schema.columns WHERE table_name = '{table}'")
        }
        Engine::MariaDb => format!(
            "SELECT column_name AS name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = '{table}'"
        ),
    };
    let rows = connection.query_all_raw(Statement::from_string(connection.get_database_backend(), sql)).await;
    rows.expect("columns").iter().map(|row| row.try_get("", "name").expect("a name")).collect()
}

/// By the columns that there were.
async fn everything_can_be_read(connection: &DatabaseConnection, tables: &Tables) {
    for (table, columns) in tables {
        execute(connection, &format!("SELECT {} FROM {table}", columns.join(", "))).await;
    }
}

/// As a node of a version with these columns announces the end of a session.
async fn announce(connection: &DatabaseConnection, columns: &[String], session: &Session<NoPayload, NoData>) {
    let value = |column: &String| match column.as_str() {
        "tenant" => "'public'".to_owned(),
        "subject" => "'session'".to_owned(),
        "subject_id" => format!("'{}'", session.handle()),
        "reason" => "'revoked'".to_owned(),
        "expires_at" => session.expires_at().as_millis().to_string(),
        _ => "0".to_owned(),
    };
    let columns: Vec<_> = columns.iter().filter(|column| *column != "sequence").cloned().collect();
    let values: Vec<_> = columns.iter().map(value).collect();
    let insert = format!("INSERT INTO session_invalidations ({}) VALUES ({})", columns.join(", "), values.join(", "));
    execute(connection, &insert).await;
}

/// Another than that of any session.
fn other_handle(engine: Engine, version: u32) -> String {
    match engine {
        Engine::Postgres => format!("'01910000-0000-7000-8000-00000000000{version}'::uuid"),
        Engine::Sqlite | Engine::MariaDb => format!("unhex('0191000000007000800000000000000{version}')"),
    }
}

async fn nodes_of_today_go_on_over_the_tables_of_a_later_version(database: Database) {
    let connection = database.connect().await;
    let running = node(&database).await;
    let session = signed_in(&running, "ada").await;
    for (table, columns) in tables(&connection, database.engine).await {
        assert!(!columns.is_empty());
        execute(&connection, &format!("ALTER TABLE {table} ADD COLUMN of_tomorrow BIGINT NOT NULL DEFAULT 7")).await;
    }
    execute(&connection, "CREATE TABLE session_tomorrow (number BIGINT PRIMARY KEY)").await;
    execute(&connection, "CREATE INDEX sessions_of_tomorrow ON sessions (of_tomorrow)").await;
    let history = "INSERT INTO session_migrations (version, applied_at) VALUES ('m20991231_000009_of_tomorrow', 0)";
    execute(&connection, history).await;

    // One that ran before, and one that is started, or rolled back to, after.
    let started = node(&database).await;
    for node in [&running, &started] {
        let refreshed = node.refresh_session(&refresh_token(&session)).await.expect("a refresh");
        assert!(refreshed.tokens().refresh_token().is_some());
        let mut other = signed_in(node, "grace").await;
        other.update_payload(|_| {}).await.expect("an update");
        assert_eq!(node.list_sessions("grace").await.expect("a list").len(), 1);
        assert_eq!(node.revoke_all_sessions_for_user("grace").await.expect("a revocation").len(), 1);
        // What a node of tomorrow announces is passed over.
        let announced = "INSERT INTO session_invalidations (tenant, subject, subject_id, not_before, reason, expires_at, of_tomorrow) \
                         VALUES ('public', 'tomorrow', 'something', 0, 'of_tomorrow', 9000000000000, 8)";
        execute(&connection, announced).await;
        node.read_revocations().await.expect("a look");
        node.keep_keys().await.expect("keys");
        node.purge().await.expect("a purge");
        node.flush_notes().await.expect("notes");
    }
    assert_eq!(running.list_sessions("ada").await.expect("a list").len(), 1);
}

async fn execute(connection: &DatabaseConnection, sql: &str) {
    connection.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}
