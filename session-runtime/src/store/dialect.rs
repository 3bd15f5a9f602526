//! What the engines spell differently. Statements are written once, in their common ground, with marks for the rest.

use std::fmt;

use sea_orm::{DbBackend, Statement, Value};

use super::StoreError;

/// The database engines that sessions can be kept in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
    /// MySQL, MariaDB, and what speaks their protocol.
    MySql,
}

impl Engine {
    /// The engine behind a connection; its name where it is none of these.
    pub(super) fn of(backend: DbBackend) -> Result<Self, String> {
        match backend {
            DbBackend::Sqlite => Ok(Self::Sqlite),
            DbBackend::Postgres => Ok(Self::Postgres),
            DbBackend::MySql => Ok(Self::MySql),
            other => Err(format!("{other:?}").to_lowercase()),
        }
    }

    const fn backend(self) -> DbBackend {
        match self {
            Self::Sqlite => DbBackend::Sqlite,
            Self::Postgres => DbBackend::Postgres,
            Self::MySql => DbBackend::MySql,
        }
    }
}

/// What the names of the library's tables begin with: up to 32 of `a–z`, `0–9` and `_`. Default: nothing.
///
/// ```
/// use session_runtime::TablePrefix;
///
/// assert!(TablePrefix::new("shop_").is_ok());
/// assert!(TablePrefix::new("shop; DROP TABLE").is_err());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TablePrefix(String);

/// A prefix that cannot stand in a table's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("table prefix {0:?} is not up to 32 of a-z, 0-9 and _, beginning with a letter")]
pub struct TablePrefixError(String);

impl TablePrefix {
    /// Checks and takes a prefix.
    ///
    /// # Errors
    ///
    /// When it is longer than 32 characters, has others than those listed above, or does not begin with a letter.
    pub fn new(prefix: impl Into<String>) -> Result<Self, TablePrefixError> {
        let prefix = prefix.into();
        let is_plain = prefix.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        let begins_well = prefix.is_empty() || prefix.starts_with(|first: char| first.is_ascii_lowercase());
        if is_plain && begins_well && prefix.len() <= 32 { Ok(Self(prefix)) } else { Err(TablePrefixError(prefix)) }
    }

    /// A table's whole name.
    pub(super) fn table(&self, name: &str) -> String {
        format!("{}{name}", self.0)
    }
}

impl fmt::Display for TablePrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How one database wants its statements.
#[derive(Clone, Debug)]
pub(super) struct Dialect {
    pub(super) engine: Engine,
    pub(super) prefix: TablePrefix,
    /// Whether announcements wake those who listen.
    pub(super) notifies: bool,
}

impl Dialect {
    /// A statement as this database wants it. `?` stands for a value; in braces stand a table of ours, without its prefix, or
    /// one of the words below, which the engines spell differently.
    pub(super) fn sql(&self, template: &str) -> Sql {
        let mut text = String::with_capacity(template.len() + 64);
        let mut values = 0;
        let mut rest = template;
        while let Some(at) = rest.find(['?', '{']) {
            let (before, mark) = rest.split_at(at);
            text.push_str(before);
            rest = match mark.strip_prefix('?') {
                Some(after) => {
                    values += 1;
                    self.write_placeholder(values, &mut text);
                    after
                }
                None => {
                    let (word, after) = mark.trim_start_matches('{').split_once('}').unwrap_or((mark, ""));
                    text.push_str(&self.spell(word));
                    after
                }
            };
        }
        text.push_str(rest);
        Sql { text, backend: self.engine.backend() }
    }

    fn spell(&self, word: &str) -> String {
        match (word, self.engine) {
            ("greatest", Engine::Sqlite) => "max".into(),
            ("greatest", _) => "greatest".into(),
            ("least", Engine::Sqlite) => "min".into(),
            ("least", _) => "least".into(),
            ("octets of payload", Engine::Sqlite) => "length(CAST(payload AS BLOB))".into(),
            ("octets of payload", _) => "octet_length(payload)".into(),
            // SQLite has one writer at a time, so what a writing transaction reads is locked already.
            ("for update", Engine::Sqlite) => String::new(),
            ("for update", _) => " FOR UPDATE".into(),
            ("insert unless there", Engine::MySql) => "INSERT IGNORE INTO".into(),
            ("insert unless there", _) => "INSERT INTO".into(),
            ("unless there", Engine::MySql) => String::new(),
            ("unless there", _) => " ON CONFLICT DO NOTHING".into(),
            ("or update user", Engine::MySql) => " ON DUPLICATE KEY UPDATE".into(),
            ("or update user", _) => " ON CONFLICT (tenant, user_id) DO UPDATE SET".into(),
            (table, _) => self.prefix.table(table),
        }
    }

    fn write_placeholder(&self, number: usize, text: &mut String) {
        match self.engine {
            Engine::Postgres => text.push_str(&format!("${number}")),
            Engine::Sqlite | Engine::MySql => text.push('?'),
        }
    }
}

/// So many placeholders, for a list of values.
pub(super) fn placeholders(count: usize) -> String {
    vec!["?"; count].join(", ")
}

/// So many rows of placeholders, for an insert of several rows.
pub(super) fn rows_of_placeholders(rows: usize, columns: usize) -> String {
    vec![format!("({})", placeholders(columns)); rows].join(", ")
}

/// The text of a statement, as one database wants it.
#[derive(Clone, Debug)]
pub(super) struct Sql {
    text: String,
    backend: DbBackend,
}

impl Sql {
    pub(super) fn with<const N: usize>(&self, values: [Value; N]) -> Statement {
        self.with_all(values)
    }

    /// Each value an array: a column of `rows`, which are all of the same types. PostgreSQL has arrays, the others have none.
    pub(super) fn with_columns<const N: usize>(&self, rows: &[&[Value; N]]) -> Statement {
        self.with_all((0..N).map(|column| array(rows.iter().filter_map(|row| row.get(column)))))
    }

    pub(super) fn with_all(&self, values: impl IntoIterator<Item = Value>) -> Statement {
        Statement::from_sql_and_values(self.backend, self.text.as_str(), values)
    }
}

#[cfg(feature = "postgres")]
fn array<'a>(column: impl Iterator<Item = &'a Value>) -> Value {
    use sea_orm::sea_query::ArrayType;

    let values: Vec<_> = column.cloned().collect();
    let kind = values.first().map_or(ArrayType::Bool, Value::array_type);
    Value::Array(kind, Some(Box::new(values)))
}

/// `Group::takes_arrays` is of PostgreSQL.
#[cfg(not(feature = "postgres"))]
fn array<'a>(_: impl Iterator<Item = &'a Value>) -> Value {
    unreachable!("no other engine is asked to take arrays")
}

/// A column of a row that was read.
pub(super) fn column<T: sea_orm::TryGetable>(row: &sea_orm::QueryResult, index: usize) -> Result<T, StoreError> {
    Ok(row.try_get_by_index(index)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(engine: Engine, template: &str) -> String {
        Dialect { engine, prefix: TablePrefix::new("shop_").unwrap(), notifies: false }.sql(template).text
    }

    #[test]
    fn statements_are_spelt_as_each_engine_wants_them() {
        let template = "{insert unless there} {sessions} (a, b) VALUES (?, {greatest}(a, ?)){unless there}";
        let sqlite = "INSERT INTO shop_sessions (a, b) VALUES (?, max(a, ?)) ON CONFLICT DO NOTHING";
        assert_eq!(text(Engine::Sqlite, template), sqlite);
        let postgres = "INSERT INTO shop_sessions (a, b) VALUES ($1, greatest(a, $2)) ON CONFLICT DO NOTHING";
        assert_eq!(text(Engine::Postgres, template), postgres);
        assert_eq!(text(Engine::MySql, template), "INSERT IGNORE INTO shop_sessions (a, b) VALUES (?, greatest(a, ?))");
    }

    #[test]
    fn prefixes_that_could_be_something_else_are_refused() {
        for prefix in ["Shop", "1shop", "_", "shop-", "shop.", "shop\"", "sh op", &"x".repeat(33)] {
            assert!(TablePrefix::new(prefix).is_err(), "{prefix}");
        }
        assert!(TablePrefix::new("").is_ok());
    }
}
