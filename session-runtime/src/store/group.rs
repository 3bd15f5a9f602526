//! Group commit: who writes while nobody else does goes straight through; who comes while others write waits, and all who wait are written
//! at once, in one statement, or one for rows and one for rotations, or one transaction.
//!
//! Nothing is answered before it is committed, and a group that the database refuses is undone whole: each of its writes is then done by
//! itself, so that a bad one fails alone. A group whose time was over may be done, and is not repeated. How many may wait is the gate's to
//! say.

use std::borrow::Borrow;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::join;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::dialect::Engine;
use super::driver::Written;
use super::write::Write;
use super::{Store, StoreError};

/// How many writes are done at once. Where rows do not travel as arrays, INSERTs have 1, 2, 4, … 64 of them, so that a connection keeps
/// seven prepared.
pub(super) const MOST: usize = 64;

/// How many make a second group beside the first.
const ENOUGH: usize = 16;

/// Who writes, and who waits.
pub(super) struct Group {
    /// So many may write at a time, alone or for a group.
    at_most: usize,
    /// Whether a statement may take columns as arrays, and with them any number of rows: PostgreSQL, where statements do not go by sea-orm,
    /// whose arrays have no room for what is NULL.
    pub(super) takes_arrays: bool,
    /// Where groups are written: whoever is last before one may be in a runtime of their own, which stands still when they are done.
    runtime: Handle,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    alone: usize,
    /// How many groups are being written. Everybody else waits meanwhile.
    together: usize,
    waiting: VecDeque<Waiting>,
}

enum Waiting {
    ToWrite(Wish),
    /// For a transaction of its own, on SQLite only.
    ForATurn(oneshot::Sender<Alone<Store>>),
}

/// A write that may be done with others.
struct Wish {
    write: Write,
    /// The write comes back where it is to be done alone.
    answer: oneshot::Sender<Result<Written, Write>>,
}

enum Turn {
    Now(Write),
    Later(oneshot::Receiver<Result<Written, Write>>),
}

/// Whose turn it is when something was written.
enum Next {
    Group(Vec<Wish>),
    Alone(oneshot::Sender<Alone<Store>>),
}

impl Group {
    /// Within the runtime in which groups are to be written.
    pub(super) fn of(engine: Engine, takes_arrays: bool) -> Self {
        // SQLite has one writer at a time. A server commits several at once by itself, and gains by a group only when they queue up.
        let at_most = if engine == Engine::Sqlite { 1 } else { 8 };
        Self { at_most, takes_arrays, runtime: Handle::current(), state: Mutex::default() }
    }

    fn turn(&self, write: Write) -> Turn {
        let mut state = self.state();
        if self.enter(&mut state) {
            return Turn::Now(write);
        }
        let (answer, answered) = oneshot::channel();
        state.waiting.push_back(Waiting::ToWrite(Wish { write, answer }));
        Turn::Later(answered)
    }

    /// What to wait for; nothing where it is one's turn at once.
    fn place_alone(&self) -> Option<oneshot::Receiver<Alone<Store>>> {
        let mut state = self.state();
        if self.enter(&mut state) {
            return None;
        }
        let (place, coming) = oneshot::channel();
        state.waiting.push_back(Waiting::ForATurn(place));
        Some(coming)
    }

    fn enter(&self, state: &mut State) -> bool {
        let is_free = state.together == 0 && state.alone < self.at_most;
        state.alone += usize::from(is_free);
        is_free
    }

    /// Whether another group is to be written beside those that are: a second while enough wait, where one of any size is one statement, so
    /// that the database has one to write while those of the other are answered; more while many wait, since some may have connections
    /// that hang.
    fn begins_another(&self) -> bool {
        let mut state = self.state();
        let enough = if self.takes_arrays && state.together < 2 { ENOUGH } else { MOST };
        let is_crowded = state.waiting.len() >= enough && state.alone + state.together < self.at_most;
        state.together += usize::from(is_crowded);
        is_crowded
    }

    /// Whether a group is to be written now.
    fn leave(&self) -> bool {
        let mut state = self.state();
        state.alone -= 1;
        let is_due = !state.waiting.is_empty() && state.together == 0;
        state.together += usize::from(is_due);
        is_due
    }

    /// Who is next; nobody where nobody waits any more, and everybody may go alone again.
    fn next(&self) -> Option<Next> {
        let mut state = self.state();
        // Whoever has gone wants nothing written.
        state.waiting.retain(|waiting| !waiting.is_gone());
        let next = match state.waiting.pop_front() {
            Some(Waiting::ForATurn(place)) => {
                state.alone += 1;
                Some(Next::Alone(place))
            }
            Some(Waiting::ToWrite(first)) => Some(Next::Group(state.group(first, self.takes_arrays))),
            None => None,
        };
        state.together -= usize::from(!matches!(next, Some(Next::Group(_))));
        next
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// `first` and those who wait behind it, rows before the others.
    fn group(&mut self, first: Wish, takes_arrays: bool) -> Vec<Wish> {
        let mut group = vec![first];
        while group.len() < MOST
            && let Some(Waiting::ToWrite(wish)) = self.waiting.pop_front_if(|next| matches!(next, Waiting::ToWrite(_)))
        {
            group.push(wish);
        }
        group.sort_by_key(|wish| !wish.write.is_row());
        if !takes_arrays {
            self.put_back_surplus(&mut group);
        }
        group
    }

    /// The rows that make no power of two are the first next time.
    fn put_back_surplus(&mut self, group: &mut Vec<Wish>) {
        let rows = group.partition_point(|wish| wish.write.is_row());
        let surplus = group.drain(rows.checked_ilog2().map_or(0, |log| 1 << log)..rows);
        surplus.rev().for_each(|wish| self.waiting.push_front(Waiting::ToWrite(wish)));
    }
}

impl Waiting {
    fn is_gone(&self) -> bool {
        match self {
            Self::ToWrite(wish) => wish.answer.is_closed(),
            Self::ForATurn(place) => place.is_closed(),
        }
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

    /// A turn for a transaction on SQLite, where whoever comes while another writes would try again and again, in naps, and be overtaken by
    /// those who wait here.
    pub(super) async fn turn_alone(&self) -> Result<Alone<Store>, StoreError> {
        match self.group.place_alone() {
            None => Ok(Alone(self.clone())),
            // The runtime is about to end.
            Some(coming) => coming.await.map_err(|_| StoreError::timed_out()),
        }
    }

    async fn write_in_turn(&self, write: Write) -> Result<Written, StoreError> {
        match self.group.turn(write) {
            Turn::Now(write) => {
                let _place = Alone(self);
                self.write_alone(write).await
            }
            Turn::Later(answered) => {
                if self.group.begins_another() {
                    Together::start(self);
                }
                match answered.await {
                    Ok(Ok(written)) => Ok(written),
                    Ok(Err(write)) => self.in_turn(self.write_alone(write)).await,
                    // The group's time is over, and it may be done or not; or the runtime is about to end.
                    Err(_) => Err(StoreError::timed_out()),
                }
            }
        }
    }
}

/// The turn of a write that is done by itself. When it is over, those who came meanwhile are written.
pub(super) struct Alone<S: Borrow<Store>>(S);

impl<S: Borrow<Store>> Drop for Alone<S> {
    fn drop(&mut self) {
        let store = self.0.borrow();
        if store.group.leave() {
            Together::start(store);
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
            state.together -= 1;
            state.waiting.clear();
        }
    }
}

impl Together {
    /// A task of its own, since whoever asks for one of the writes may go away.
    fn start(store: &Store) {
        let together = Self { store: store.clone(), is_over: false };
        drop(store.group.runtime.spawn(together.write()));
    }

    async fn write(mut self) {
        while let Some(next) = self.store.group.next() {
            match next {
                Next::Group(group) => self.write_parts(group).await,
                // When that turn is over, which is at once where nobody takes it, it goes on.
                Next::Alone(place) => {
                    drop(place.send(Alone(self.store.clone())));
                    break;
                }
            }
        }
        self.is_over = true;
    }

    /// On a server rows and rotations are a statement each, beside each other.
    async fn write_parts(&self, group: Vec<Wish>) {
        if self.store.dialect().engine == Engine::Sqlite {
            return self.write_part(group).await;
        }
        let (rows, rotations) = group.into_iter().partition(|wish| wish.write.is_row());
        join!(self.write_part(rows), self.write_part(rotations));
    }

    async fn write_part(&self, group: Vec<Wish>) {
        if group.is_empty() {
            return;
        }
        let (writes, answers): (Vec<_>, Vec<_>) = group.into_iter().map(|wish| (wish.write, wish.answer)).unzip();
        let results: Vec<_> = match self.store.gate.in_time(self.store.write_together(&writes)).await {
            Ok(written) => written.into_iter().map(Ok).collect(),
            // Those who wait are told the same: it may be done, and must not be done twice.
            Err(error) if error.is_about_time() => return,
            Err(_) => writes.into_iter().map(Err).collect(),
        };
        for (answer, result) in answers.into_iter().zip(results) {
            // Where nobody waits any more, nobody is to be told.
            drop(answer.send(result));
        }
    }
}
