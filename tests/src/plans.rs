//! What the library asks of a database, recorded, and how the engine goes about it, by its own explanation.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sea_orm::{ConnectionTrait, DatabaseConnection, QueryResult, Statement};

use crate::engine::Engine;

/// The tables that grow with what users do. A handful of keys and a lease may be gone through.
pub const LARGE: [&str; 4] = ["session_users", "session_invalidations", "session_audit", "sessions"];

/// The statements that were sent, each text once, with the values that it came with first.
#[derive(Clone, Default)]
pub struct Recorded(Arc<Mutex<BTreeMap<String, Statement>>>);

impl Recorded {
    /// Records what is sent over this connection, and over what is cloned of it from now on.
    pub fn listen(&self, connection: &mut DatabaseConnection) {
        let recorded = self.clone();
        connection.set_metric_callback(move |info| recorded.note(info.statement));
    }

    pub fn note(&self, statement: &Statement) {
        self.statements().entry(statement.sql.clone()).or_insert_with(|| statement.clone());
    }

    /// All that was recorded until now.
    pub fn take(&self) -> Vec<Statement> {
        std::mem::take(&mut *self.statements()).into_values().collect()
    }

    /// As [`take`](Self::take), of those that differ in the length of a list only the shortest.
    pub fn take_shortest(&self) -> Vec<Statement> {
        let mut shortest = BTreeMap::<String, Statement>::new();
        for statement in self.take() {
            let kept = shortest.entry(shape(&statement.sql)).or_insert_with(|| statement.clone());
            if statement.sql.len() < kept.sql.len() {
                *kept = statement;
            }
        }
        shortest.into_values().collect()
    }

    fn statements(&self) -> MutexGuard<'_, BTreeMap<String, Statement>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A statement's text up to where it names a second value of a list.
fn shape(sql: &str) -> String {
    let placeholders = |part: &str| part.trim_matches(|c: char| c.is_ascii_digit() || "$? ()".contains(c)).is_empty();
    let parts = sql.split(", ").flat_map(|part| part.split(" OR ").map(str::to_owned));
    let mut kept: Vec<String> = parts.filter(|part| !placeholders(part)).map(|part| unnumbered(&part)).collect();
    kept.dedup();
    kept.join(", ")
}

fn unnumbered(part: &str) -> String {
    part.chars().filter(|c| !c.is_ascii_digit() && !"$()".contains(*c)).collect()
}

/// What an engine says of a statement.
pub struct Plan {
    pub sql: String,
    pub lines: Vec<String>,
    /// Those of the lines that tell of a large table, or an index of it, that is gone through from one end to the other.
    pub scans: Vec<String>,
}

/// Has the engine explain those of the statements that look for rows of a large table.
pub async fn explain(connection: &DatabaseConnection, engine: Engine, statements: Vec<Statement>) -> Vec<Plan> {
    let mut plans = Vec::new();
    for statement in statements.into_iter().filter(|statement| looks_for_rows(&statement.sql)) {
        let explain = if engine == Engine::Sqlite { "EXPLAIN QUERY PLAN" } else { "EXPLAIN" };
        let explained = Statement { sql: format!("{explain} {}", statement.sql), ..statement.clone() };
        let rows = connection.query_all_raw(explained).await;
        let rows = rows.unwrap_or_else(|error| panic!("{}: {error}", statement.sql));
        let lines: Vec<_> = rows.iter().map(|row| line(engine, row)).collect();
        plans.push(Plan { sql: statement.sql, scans: scans(engine, &lines), lines });
    }
    plans
}

/// What stores rows looks for none.
fn looks_for_rows(sql: &str) -> bool {
    let verbs = ["SELECT ", "UPDATE ", "DELETE ", "WITH notes "];
    verbs.iter().any(|verb| sql.starts_with(verb)) && LARGE.iter().any(|table| sql.contains(table))
}

fn line(engine: Engine, row: &QueryResult) -> String {
    let text = |column: &str| row.try_get::<Option<String>>("", column).expect(column).unwrap_or_default();
    match engine {
        Engine::Sqlite => text("detail"),
        Engine::Postgres => row.try_get_by_index(0).expect("a line"),
        Engine::MariaDb => format!("{} {} {} {}", text("type"), text("table"), text("key"), text("Extra")),
    }
}

fn scans(engine: Engine, lines: &[String]) -> Vec<String> {
    let is_large = |line: &str| LARGE.iter().any(|table| line.contains(table));
    let is_scan = |at: usize, line: &str| match engine {
        // What goes along a whole index is called so too.
        Engine::Sqlite => line.starts_with("SCAN ") && is_large(line),
        Engine::Postgres => line.contains("Seq Scan on session") || is_unbounded(line, lines.get(at + 1)),
        Engine::MariaDb => ["ALL ", "index "].iter().any(|kind| line.starts_with(kind)) && is_large(line),
    };
    let scans = lines.iter().enumerate().filter(|(at, line)| is_scan(*at, line));
    scans.map(|(_, line)| line.clone()).collect()
}

/// Whether PostgreSQL goes along an index without saying from where.
fn is_unbounded(line: &str, next: Option<&String>) -> bool {
    line.contains("Index") && line.contains(" Scan ") && !next.is_some_and(|next| next.contains("Index Cond"))
}
