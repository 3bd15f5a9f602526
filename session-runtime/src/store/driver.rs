//! The drivers beneath sea-orm, for statements that go by connections which are kept: sea-orm itself speaks to pools and transactions only.

use sea_orm::sqlx::error::BoxDynError;
use sea_orm::sqlx::query::Query;
use sea_orm::sqlx::{Arguments, AssertSqlSafe, Database, Executor, IntoArguments, query_with};
use sea_orm::{QueryResult, SqlxError, Statement, Value, Values};

/// A database engine as sqlx knows it.
pub(super) trait Driver: Database {
    fn arguments(values: &[Value]) -> Result<Self::Arguments, BoxDynError>;

    /// Sends a statement. All rows are taken, so that SQLite steps it to its end: before that, nothing is committed.
    fn send(
        connection: &mut Self::Connection,
        statement: &Statement,
        wanted: Wanted,
    ) -> impl Future<Output = Result<Written, SqlxError>> + Send;
}

/// What a statement is sent for.
#[derive(Clone, Copy)]
pub(super) enum Wanted {
    /// How many rows it meets.
    Count,
    /// The rows that it answers.
    Rows,
}

/// What became of a statement.
pub(super) struct Written {
    /// How many rows it met, where that was wanted.
    pub(super) rows: u64,
    /// What it answered, where that was wanted.
    pub(super) returned: Vec<QueryResult>,
}

impl Written {
    pub(super) const fn met(rows: u64) -> Self {
        Self { rows, returned: Vec::new() }
    }

    pub(super) const fn answered(returned: Vec<QueryResult>) -> Self {
        Self { rows: 0, returned }
    }
}

/// The three are the same to the letter, and sqlx has no words for what they have in common.
macro_rules! driver {
    ($feature:literal, $driver:ty $(, $add_array:path)?) => {
        #[cfg(feature = $feature)]
        impl Driver for $driver {
            fn arguments(values: &[Value]) -> Result<Self::Arguments, BoxDynError> {
                let mut arguments = Self::Arguments::default();
                arguments.reserve(values.len(), 0);
                for value in values {
                    match value {
                        Value::Bool(value) => arguments.add(value)?,
                        Value::BigInt(value) => arguments.add(value)?,
                        Value::String(value) => arguments.add(value.as_deref())?,
                        Value::Bytes(value) => arguments.add(value.as_deref())?,
                        Value::Uuid(value) => arguments.add(value)?,
                        $(Value::Array(kind, Some(values)) => $add_array(&mut arguments, kind, values)?,)?
                        _ => return Err(unknown()),
                    }
                }
                Ok(arguments)
            }

            async fn send(
                connection: &mut Self::Connection,
                statement: &Statement,
                wanted: Wanted,
            ) -> Result<Written, SqlxError> {
                let query = query::<Self>(statement)?;
                match wanted {
                    Wanted::Count => Ok(Written::met(connection.execute(query).await?.rows_affected())),
                    Wanted::Rows => {
                        let rows = connection.fetch_all(query).await?;
                        Ok(Written::answered(rows.into_iter().map(QueryResult::from).collect()))
                    }
                }
            }
        }
    };
}

driver!("sqlite", sea_orm::sqlx::Sqlite);
driver!("postgres", sea_orm::sqlx::Postgres, postgres::add_array);
driver!("mysql", sea_orm::sqlx::MySql);

/// Values are nobody's to read, in an error least of all.
fn unknown() -> BoxDynError {
    "a value of a type that this library does not send".into()
}

#[cfg(feature = "postgres")]
mod postgres {
    use sea_orm::Value;
    use sea_orm::sea_query::ArrayType;
    use sea_orm::sqlx::Arguments;
    use sea_orm::sqlx::error::BoxDynError;
    use sea_orm::sqlx::postgres::PgArguments;

    use super::unknown;

    pub(super) fn add_array(to: &mut PgArguments, kind: &ArrayType, values: &[Value]) -> Result<(), BoxDynError> {
        macro_rules! all {
            ($kind:ident, $value:ident => $plain:expr) => {{
                let plain = values.iter().map(|value| match value {
                    Value::$kind($value) => Ok($plain),
                    _ => Err(unknown()),
                });
                to.add(plain.collect::<Result<Vec<_>, _>>()?)
            }};
        }
        match kind {
            ArrayType::Bool => all!(Bool, value => *value),
            ArrayType::BigInt => all!(BigInt, value => *value),
            ArrayType::Uuid => all!(Uuid, value => *value),
            ArrayType::String => all!(String, value => value.as_deref()),
            ArrayType::Bytes => all!(Bytes, value => value.as_deref()),
            _ => Err(unknown()),
        }
    }
}

/// The driver keeps it prepared, by its text.
fn query<D: Driver>(statement: &Statement) -> Result<Query<'static, D, D::Arguments>, SqlxError>
where
    D::Arguments: IntoArguments<D>,
{
    let values = statement.values.as_ref().map_or(&[][..], |Values(values)| values);
    let arguments = D::arguments(values).map_err(SqlxError::Encode)?;
    Ok(query_with(AssertSqlSafe(statement.sql.as_str()), arguments))
}
