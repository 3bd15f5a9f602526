//! The statements that a server was sent, as it has written them down itself.

use sea_orm::{ConnectionTrait, DatabaseConnection, QueryResult, Statement};

use super::database::{connect, tell};
use super::{Database, Engine};

pub(super) async fn log(database: &Database) {
    let sql = match database.engine {
        Engine::Sqlite => panic!("SQLite keeps no log of statements"),
        Engine::Postgres => format!("ALTER DATABASE {} SET log_statement = 'all'", database.name),
        Engine::MariaDb => "SET GLOBAL general_log = ON".into(),
    };
    tell(&database.server_url, &sql).await;
}

pub(super) async fn read(database: &Database) -> Vec<String> {
    match database.engine {
        Engine::Sqlite => panic!("SQLite keeps no log of statements"),
        Engine::Postgres => from_file(database),
        Engine::MariaDb => from_table(&connect(&database.server_url).await, &database.name).await,
    }
}

/// PostgreSQL writes `session_test_1> LOG:  execute sqlx_s_1: SELECT …` before it does so, and begins further lines with a tab.
fn from_file(database: &Database) -> Vec<String> {
    let file = database.server_log.as_ref().expect("a server of the tests' own");
    let log = std::fs::read_to_string(file).expect("its log").replace("\n\t", "\n\u{1}");
    let own = format!("{}> LOG:  ", database.name);
    let entries = log.split("\n").fold(Vec::<String>::new(), |mut entries, line| {
        match (line.strip_prefix('\u{1}'), entries.last_mut()) {
            (Some(rest), Some(entry)) => *entry += &format!("\n{rest}"),
            _ => entries.push(line.to_owned()),
        }
        entries
    });
    entries.iter().filter_map(|entry| statement(entry.strip_prefix(&own)?)).collect()
}

fn statement(entry: &str) -> Option<String> {
    let (kind, statement) = entry.split_once(": ")?;
    (kind == "statement" || kind.starts_with("execute ")).then(|| statement.to_owned())
}

/// MariaDB knows the database of a connection only, and says it when this is opened.
async fn from_table(connection: &DatabaseConnection, name: &str) -> Vec<String> {
    let sql = format!(
        "SELECT CAST(argument AS BINARY) AS statement FROM mysql.general_log WHERE command_type IN ('Query', 'Execute') AND thread_id IN \
         (SELECT thread_id FROM mysql.general_log WHERE command_type = 'Connect' AND argument LIKE '% on {name} using %')"
    );
    let rows = connection.query_all_raw(Statement::from_string(connection.get_database_backend(), sql));
    let rows = rows.await.expect("the log of statements");
    // Keys are written as they are, in bytes that need be no text.
    let bytes = |row: &QueryResult| row.try_get::<Vec<u8>>("", "statement").expect("a statement");
    rows.iter().map(|row| String::from_utf8_lossy(&bytes(row)).into_owned()).collect()
}
