//! Writes that are one statement, and what several of them are together: one statement again, or one transaction.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use sea_orm::{Statement, Value};

use super::dialect::Engine;
use super::driver::{Wanted, Written};
use super::kept::Repeat;
use super::retry::retried;
use super::row::{WIDTH, handle};
use super::{Advance, Store, StoreError, execute, send};

/// A longer row goes by itself: a group shall not be larger than what every server takes in one statement.
const LONGEST: usize = 64 * 1024;

/// One statement that writes and needs no transaction around it.
pub(super) enum Write {
    /// A row of `sessions`; several are one INSERT.
    Row(Box<[Value; WIDTH]>),
    /// Any other, never sent twice.
    Update(Statement),
    /// An UPDATE that meets nothing the second time.
    Rotation(Statement),
    /// As a rotation; it answers the row that it wrote. Several are one UPDATE on PostgreSQL.
    Advance(Box<Advance>),
}

impl Write {
    fn as_row(&self) -> Option<&[Value; WIDTH]> {
        match self {
            Self::Row(values) => Some(values),
            Self::Update(_) | Self::Rotation(_) | Self::Advance(_) => None,
        }
    }

    fn as_advance(&self) -> Option<&Advance> {
        match self {
            Self::Advance(advance) => Some(advance),
            Self::Row(_) | Self::Update(_) | Self::Rotation(_) => None,
        }
    }

    pub(super) const fn is_row(&self) -> bool {
        matches!(self, Self::Row(_))
    }

    const fn wanted(&self) -> Wanted {
        match self {
            Self::Row(_) | Self::Update(_) | Self::Rotation(_) => Wanted::Count,
            Self::Advance(_) => Wanted::Rows,
        }
    }

    const fn repeat(&self) -> Repeat {
        match self {
            Self::Row(_) => Repeat::Insert,
            // What it meets the second time may be what another wrote since, or what it wrote itself.
            Self::Update(_) => Repeat::Never,
            // Whoever is told that there was nothing to rotate is put to the rule.
            Self::Rotation(_) | Self::Advance(_) => Repeat::AsItIs,
        }
    }
}

impl Store {
    /// On a server updates of different rows do not wait for each other, and only rotations on PostgreSQL can be one statement.
    pub(super) fn gains_by_company(&self, write: &Write) -> bool {
        match (write, self.dialect().engine) {
            (Write::Row(values), _) => values.iter().map(octets).sum::<usize>() <= LONGEST,
            (Write::Advance(_), Engine::Postgres) => self.group.takes_arrays,
            (Write::Advance(_) | Write::Update(_) | Write::Rotation(_), engine) => engine == Engine::Sqlite,
        }
    }

    pub(super) async fn write_alone(&self, write: Write) -> Result<Written, StoreError> {
        let statement = self.statement_of(&write);
        retried(|| self.send(&statement, write.wanted(), write.repeat())).await
    }

    /// One statement where all are rows, or rotations on PostgreSQL, else one transaction. The rows come first.
    pub(super) async fn write_together(&self, writes: &[Write]) -> Result<Vec<Written>, StoreError> {
        let (rows, others) = writes.split_at(writes.partition_point(Write::is_row));
        match (self.insertion_of_all(rows), others) {
            (Some(insert), []) => {
                // One statement is done whole or not at all: a row that is there the second time tells of all.
                self.send(&insert, Wanted::Count, Repeat::Insert).await?;
                Ok(rows.iter().map(|_| Written::met(1)).collect())
            }
            (None, [write]) => Ok(vec![self.send(&self.statement_of(write), write.wanted(), write.repeat()).await?]),
            (None, advances) if self.group.takes_arrays => self.advance_all(advances).await,
            (insert, others) => self.write_transaction(insert, rows.len(), others).await,
        }
    }

    /// One statement, whose rows go to those who wrote them. Of several who present the same session one is written; the others meet
    /// nothing, as they would one after the other, and are put to the rule.
    async fn advance_all(&self, writes: &[Write]) -> Result<Vec<Written>, StoreError> {
        let advances: Vec<_> = writes.iter().filter_map(Write::as_advance).collect();
        debug_assert_eq!(advances.len(), writes.len(), "on a server nothing else waits for company");
        let mut sessions = HashSet::new();
        let firsts: Vec<_> = advances.iter().copied().filter(|advance| sessions.insert(advance.handle)).collect();
        let rows = self.send(&self.advance_of_all(&firsts), Wanted::Rows, Repeat::AsItIs).await?.returned;
        let mut rows: HashMap<_, _> =
            rows.into_iter().map(|row| Ok((handle(&row)?, row))).collect::<Result<_, StoreError>>()?;
        // The first who asks is the one who was written.
        let own = advances.iter().map(|advance| rows.remove(&advance.handle).into_iter().collect());
        Ok(own.map(Written::answered).collect())
    }

    async fn write_transaction(
        &self,
        insert: Option<Statement>,
        rows: usize,
        others: &[Write],
    ) -> Result<Vec<Written>, StoreError> {
        let transaction = self.begin().await?;
        if let Some(insert) = insert {
            execute(&transaction, insert).await?;
        }
        let mut written: Vec<_> = (0..rows).map(|_| Written::met(1)).collect();
        for write in others {
            written.push(send(&transaction, self.statement_of(write).into_owned(), write.wanted()).await?);
        }
        transaction.commit().await?;
        Ok(written)
    }

    /// One statement for all of them; nothing where there are none.
    fn insertion_of_all(&self, rows: &[Write]) -> Option<Statement> {
        let values: Vec<_> = rows.iter().filter_map(Write::as_row).collect();
        (!values.is_empty()).then(|| self.insertion_of(&values))
    }

    fn statement_of<'a>(&self, write: &'a Write) -> Cow<'a, Statement> {
        match write {
            Write::Row(values) => Cow::Owned(self.insertion_of(&[values])),
            Write::Update(statement) | Write::Rotation(statement) => Cow::Borrowed(statement),
            Write::Advance(advance) => Cow::Owned(self.advance_of(advance)),
        }
    }
}

/// How long a value is; those of fixed length count for nothing.
fn octets(value: &Value) -> usize {
    match value {
        Value::String(Some(text)) => text.len(),
        _ => 0,
    }
}
