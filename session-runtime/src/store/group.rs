//! Group commit: who writes while nobody else does goes straight through; who comes while others write waits, and all who wait are written
//! at once, in one statement or one transaction.
//!
//! Nothing is answered before it is committed, and a group that fails is undone whole: each of its writes is then done by itself, so
//! that a bad one fails alone. How many may wait is the gate's to say.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::dialect::Engine;
use super::retry::retried;
use super::row::WIDTH;
use super::{Store, StoreError, execute};

/// How many writes are done at once, and with them the sizes of INSERTs: 1, 2, 4, … 64 rows, so that a connection keeps seven of them
/// prepared.
pub(super) const MOST: usize = 64;

/// A longer row goes by itself: a group shall not be larger than what every server takes in one statement.
const LONGEST: usize = 64 * 1024;

/// One statement that writes and needs no transaction around it.
pub(super) enum Write {
    /// A row of `sessions`; several are one INSERT.
    Row(Box<[Value; WIDTH]>),
    Update(Statement),
    /// An UPDATE that answers the rows that it wrote.
    Returning(Statement),
}

/// What became of it.
pub(super) struct Written {
    pub(super) rows: u64,
    pub(super) returned: Vec<QueryResult>,
}

/// Who writes, and who waits.
pub(super) struct Group {
    /// So many may write by themselves at a time.
    alone_at_most: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    alone: usize,
    /// Whether a group is being written. Everybody else waits meanwhile.
    is_together: bool,
    waiting: VecDeque<Waiting>,
}

struct Waiting {
    write: Write,
    /// The write comes back where it is to be done alone.
    answer: oneshot::Sender<Result<Written, Write>>,
}

enum Turn {
    Now(Write),
    Later(oneshot::Receiver<Result<Written, Write>>),
}

impl Group {
    pub(super) fn of(engine: Engine) -> Self {
        // SQLite has one writer at a time. A server commits several at once by itself, and gains by a group only when they queue up.
        let alone_at_most = if engine == Engine::Sqlite { 1 } else { 8 };
        Self { alone_at_most, state: Mutex::default() }
    }

    fn turn(&self, write: Write) -> Turn {
        let mut state = self.state();
        if !state.is_together && state.alone < self.alone_at_most {
            state.alone += 1;
            return Turn::Now(write);
        }
        let (answer, answered) = oneshot::channel();
        state.waiting.push_back(Waiting { write, answer });
        Turn::Later(answered)
    }

    /// Whether a group is to be written now.
    fn leave(&self) -> bool {
        let mut state = self.state();
        state.alone -= 1;
        let is_due = !state.waiting.is_empty() && !state.is_together;
        state.is_together |= is_due;
        is_due
    }

    /// The next group; none when nobody waits any more, and everybody may go alone again.
    fn next(&self) -> Option<Vec<Waiting>> {
        let mut state = self.state();
        // Whoever has gone wants no session.
        state.waiting.retain(|waiting| !waiting.answer.is_closed());
        let group = state.take();
        state.is_together = !group.is_empty();
        state.is_together.then_some(group)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The first that wait, rows before the others, less the rows that make no power of two: those are the first next time.
    fn take(&mut self) -> Vec<Waiting> {
        let first = self.waiting.len().min(MOST);
        let mut group: Vec<_> = self.waiting.drain(..first).collect();
        let rows = group.iter().filter(|waiting| waiting.write.is_row()).count();
        let mut surplus = rows - rows.checked_ilog2().map_or(0, |log| 1 << log);
        for at in (0..group.len()).rev() {
            if surplus > 0 && group.get(at).is_some_and(|waiting| waiting.write.is_row()) {
                self.waiting.push_front(group.remove(at));
                surplus -= 1;
            }
        }
        group.sort_by_key(|waiting| !waiting.write.is_row());
        group
    }
}

impl Write {
    fn as_row(&self) -> Option<&[Value; WIDTH]> {
        match self {
            Self::Row(values) => Some(values),
            Self::Update(_) | Self::Returning(_) => None,
        }
    }

    const fn is_row(&self) -> bool {
        matches!(self, Self::Row(_))
    }
}

impl Store {
    /// Does a write, alone or with others.
    pub(super) async fn write(&self, write: Write) -> Result<Written, StoreError> {
        if self.gains_by_company(&write) {
            return self.gate.pass(self.write_in_turn(write)).await;
        }
        self.gate.pass(self.write_alone(write)).await
    }

    /// On a server updates of different rows do not wait for each other, and cannot be one statement.
    fn gains_by_company(&self, write: &Write) -> bool {
        match write {
            Write::Row(values) => values.iter().map(octets).sum::<usize>() <= LONGEST,
            Write::Update(_) | Write::Returning(_) => self.dialect().engine == Engine::Sqlite,
        }
    }

    async fn write_in_turn(&self, write: Write) -> Result<Written, StoreError> {
        match self.group.turn(write) {
            Turn::Now(write) => {
                let _place = Alone(self);
                self.write_alone(write).await
            }
            Turn::Later(answered) => match answered.await {
                Ok(Ok(written)) => Ok(written),
                Ok(Err(write)) => self.write_alone(write).await,
                // The runtime is about to end.
                Err(_) => Err(StoreError::timed_out()),
            },
        }
    }

    async fn write_alone(&self, write: Write) -> Result<Written, StoreError> {
        // SQLite undoes nothing for another's sake.
        if self.dialect().engine == Engine::Sqlite {
            return self.send(&self.db, &write).await;
        }
        retried(|| self.send(&self.db, &write)).await
    }

    /// One statement where all are rows, else one transaction. The rows come first.
    async fn write_group(&self, writes: &[Write]) -> Result<Vec<Written>, StoreError> {
        let (rows, others) = writes.split_at(writes.partition_point(Write::is_row));
        match (rows, others) {
            (rows, []) => return self.send_rows(&self.db, rows).await,
            ([], [write]) => return Ok(vec![self.send(&self.db, write).await?]),
            _ => {}
        }
        let transaction = self.begin().await?;
        let mut written = self.send_rows(&transaction, rows).await?;
        for write in others {
            written.push(self.send(&transaction, write).await?);
        }
        transaction.commit().await?;
        Ok(written)
    }

    /// One statement for all of them, which are as many as a power of two, or none.
    async fn send_rows(&self, connection: &impl ConnectionTrait, rows: &[Write]) -> Result<Vec<Written>, StoreError> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let values: Vec<_> = rows.iter().filter_map(Write::as_row).collect();
        execute(connection, self.insertion_of(&values)).await?;
        Ok(rows.iter().map(|_| Written { rows: 1, returned: Vec::new() }).collect())
    }

    async fn send(&self, connection: &impl ConnectionTrait, write: &Write) -> Result<Written, StoreError> {
        let statement = match write {
            Write::Row(values) => self.insertion_of(&[values]),
            Write::Update(statement) => statement.clone(),
            Write::Returning(statement) => {
                let returned = connection.query_all_raw(statement.clone()).await?;
                return Ok(Written { returned, rows: 0 });
            }
        };
        Ok(Written { rows: execute(connection, statement).await?, returned: Vec::new() })
    }
}

/// A write that is done by itself. When it is over, those who came meanwhile are written.
struct Alone<'a>(&'a Store);

impl Drop for Alone<'_> {
    fn drop(&mut self) {
        if self.0.group.leave() {
            let together = Together { store: self.0.clone(), is_over: false };
            // Without a runtime nobody can be waiting for an answer. A task of its own, since whoever asks for one of the
            // writes may go away.
            if let Ok(runtime) = Handle::try_current() {
                drop(runtime.spawn(together.write()));
            }
        }
    }
}

/// The group that is being written. Whatever becomes of it, nobody waits for ever.
struct Together {
    store: Store,
    is_over: bool,
}

impl Drop for Together {
    fn drop(&mut self) {
        if !self.is_over {
            let mut state = self.store.group.state();
            state.is_together = false;
            state.waiting.clear();
        }
    }
}

impl Together {
    async fn write(mut self) {
        while let Some(group) = self.store.group.next() {
            let (writes, answers): (Vec<_>, Vec<_>) =
                group.into_iter().map(|waiting| (waiting.write, waiting.answer)).unzip();
            let outcome = self.store.gate.in_time(self.store.write_group(&writes)).await;
            let results: Vec<_> = match outcome {
                Ok(written) => written.into_iter().map(Ok).collect(),
                Err(_) => writes.into_iter().map(Err).collect(),
            };
            for (answer, result) in answers.into_iter().zip(results) {
                // Where nobody waits any more, nobody is to be told.
                drop(answer.send(result));
            }
        }
        self.is_over = true;
    }
}

/// How long a value is; those of fixed length count for nothing.
fn octets(value: &Value) -> usize {
    match value {
        Value::String(Some(text)) => text.len(),
        _ => 0,
    }
}
