//! Random histories on the real store, compared step by step with a reference that is as simple as the rule can be told.
//!
//! `PROPTEST_CASES` says how many histories.

use std::collections::HashMap;
use std::time::Duration;

use proptest::prelude::*;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use session_runtime::{NoData, NoPayload, SessionErrorKind, SessionHandle, SessionTokens, Sessions, TimeProvider};

use super::cluster::{ABSOLUTE, Cluster, GRACE, IDLE, generation, refresh, refresh_token, sign_in};

const NODES: usize = 2;

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_store_does_what_the_reference_says(actions in prop::collection::vec(action(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let mut history = History::begin().await;
            for action in actions {
                history.step(action).await?;
            }
            Ok::<(), TestCaseError>(())
        })?;
    }
}

fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(64);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Party {
    Honest,
    Thief,
}

/// What becomes of an answer.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Arrives,
    IsLost,
    IsLate,
}

#[derive(Clone, Copy, Debug)]
enum Action {
    Refresh {
        by: Party,
        node: usize,
        fate: Fate,
    },
    /// An answer that was late arrives, whatever the jar holds by now.
    Arrive {
        which: usize,
    },
    /// A token that was held some generations ago is presented once more.
    Replay {
        back: u32,
        node: usize,
    },
    Use {
        by: Party,
        node: usize,
    },
    Flush {
        node: usize,
    },
    Crash {
        node: usize,
    },
    Advance {
        millis: u64,
    },
    Steal,
    SignOut {
        node: usize,
    },
    /// The database falls back to the row before its last rotation.
    LoseRotation,
}

fn action() -> impl Strategy<Value = Action> {
    let party = prop_oneof![3 => Just(Party::Honest), 2 => Just(Party::Thief)];
    let fate = prop_oneof![4 => Just(Fate::Arrives), 1 => Just(Fate::IsLost), 1 => Just(Fate::IsLate)];
    let refresh = (party.clone(), 0..NODES, fate).prop_map(|(by, node, fate)| Action::Refresh { by, node, fate });
    let uses = (party, 0..NODES).prop_map(|(by, node)| Action::Use { by, node });
    prop_oneof![
        8 => refresh,
        6 => uses,
        5 => around_the_bounds().prop_map(|millis| Action::Advance { millis }),
        2 => (0..NODES).prop_map(|node| Action::Flush { node }),
        1 => (0..NODES).prop_map(|node| Action::Crash { node }),
        1 => (0..3_usize).prop_map(|which| Action::Arrive { which }),
        1 => (1..4_u32, 0..NODES).prop_map(|(back, node)| Action::Replay { back, node }),
        1 => Just(Action::Steal),
        1 => Just(Action::LoseRotation),
        1 => prop_oneof![9 => Just(Action::Steal), 1 => (0..NODES).prop_map(|node| Action::SignOut { node })],
    ]
}

/// Steps that end one instant before, at, and one instant after a bound.
fn around_the_bounds() -> impl Strategy<Value = u64> {
    let grace = GRACE.as_millis() as u64;
    let idle = IDLE.as_millis() as u64;
    prop_oneof![
        2 => Just(1),
        2 => Just(grace / 2),
        6 => grace - 1..=grace + 1,
        1 => idle / 4 - 1..=idle / 4 + 1,
        1 => idle - 1..=idle + 1,
    ]
}

/// What a client holds.
#[derive(Clone)]
struct Held {
    generation: u32,
    tokens: SessionTokens,
}

struct History {
    cluster: Cluster,
    nodes: Vec<Sessions>,
    /// For what no node would do.
    database: DatabaseConnection,
    handle: SessionHandle,
    reference: Reference,
    jar: Held,
    thief: Option<Held>,
    late: Vec<Held>,
    /// The one refresh token of each generation.
    minted: HashMap<u32, String>,
}

impl History {
    async fn begin() -> Self {
        let cluster = Cluster::new().await;
        let nodes = vec![cluster.node().await, cluster.node().await];
        let database = Database::connect(cluster.url()).await.expect("the database opens");
        let (handle, tokens) = sign_in(&nodes[0]).await;
        let minted = HashMap::from([(1, refresh_token(&tokens))]);
        let reference = Reference::signed_in(now(&cluster));
        let jar = Held { generation: 1, tokens };
        Self { cluster, nodes, database, handle, reference, jar, thief: None, late: Vec::new(), minted }
    }

    async fn step(&mut self, action: Action) -> Result<(), TestCaseError> {
        match action {
            Action::Refresh { by, node, fate } => self.refresh(by, node, fate).await?,
            Action::Arrive { which } if which < self.late.len() => self.jar = self.late.remove(which),
            Action::Arrive { .. } => {}
            Action::Replay { back, node } => {
                let generation = self.jar.generation.saturating_sub(back).max(1);
                self.present(generation, node).await?;
            }
            Action::Use { by, node } => self.verify(by, node)?,
            Action::Flush { node } => {
                self.nodes[node].flush_notes().await.expect("written");
                self.reference.flush(node);
            }
            Action::Crash { node } => {
                self.nodes[node] = self.cluster.node().await;
                self.reference.crash(node);
            }
            Action::Advance { millis } => self.cluster.clock.advance(Duration::from_millis(millis)),
            Action::Steal => self.thief = Some(self.jar.clone()),
            Action::SignOut { node } => {
                self.nodes[node].revoke_session(&self.handle).await.expect("written");
                self.reference.revoke(node);
            }
            Action::LoseRotation => self.lose_rotation().await,
        }
        let expected = self.reference.live_generation(now(&self.cluster));
        prop_assert_eq!(generation(&self.nodes[0], &self.handle).await, expected, "after {:?}", action);
        Ok(())
    }

    async fn refresh(&mut self, by: Party, node: usize, fate: Fate) -> Result<(), TestCaseError> {
        let Some(held) = self.held(by) else { return Ok(()) };
        let Some(answer) = self.present(held.generation, node).await? else { return Ok(()) };
        match (fate, by) {
            (Fate::Arrives, Party::Honest) => self.jar = answer,
            (Fate::Arrives, Party::Thief) => self.thief = Some(answer),
            (Fate::IsLate, Party::Honest) => self.late.push(answer),
            (Fate::IsLate, Party::Thief) | (Fate::IsLost, _) => {}
        }
        Ok(())
    }

    /// Presents the refresh token of a generation, and compares the answer with the reference's.
    async fn present(&mut self, generation: u32, node: usize) -> Result<Option<Held>, TestCaseError> {
        let Some(token) = self.minted.get(&generation).cloned() else { return Ok(None) };
        let expected = self.reference.refresh(node, generation, now(&self.cluster));
        match (refresh(&self.nodes[node], &token).await, expected) {
            (Ok(refreshed), Ok(next)) => {
                let tokens = refreshed.tokens().clone();
                let successor = refresh_token(&tokens);
                let known = self.minted.entry(next).or_insert_with(|| successor.clone());
                prop_assert_eq!(&*known, &successor, "generation {} has one token", next);
                Ok(Some(Held { generation: next, tokens }))
            }
            (answer, expected) => {
                prop_assert_eq!(answer.err(), expected.err(), "refresh with generation {}", generation);
                Ok(None)
            }
        }
    }

    fn verify(&mut self, by: Party, node: usize) -> Result<(), TestCaseError> {
        let Some(held) = self.held(by) else { return Ok(()) };
        let verified = self.nodes[node].verify::<NoPayload, NoData>(held.tokens.access_token());
        let in_time = self.cluster.clock.now() < held.tokens.access_expires_at();
        let expected = in_time && !self.reference.knows_of_the_end[node];
        prop_assert_eq!(
            verified.ok().map(|session| session.generation().number()),
            expected.then_some(held.generation)
        );
        if expected {
            self.reference.note(node, held.generation);
        }
        Ok(())
    }

    async fn lose_rotation(&mut self) {
        let Some(row) = self.reference.lose_rotation() else { return };
        let Row { generation, confirmed, rotated_at, idle_expires_at } = row;
        let sql = format!(
            "UPDATE sessions SET generation = {generation}, confirmed = {confirmed}, rotated_at = {rotated_at}, \
             idle_expires_at = {idle_expires_at}"
        );
        self.database.execute_unprepared(&sql).await.expect("written");
    }

    fn held(&self, by: Party) -> Option<Held> {
        match by {
            Party::Honest => Some(self.jar.clone()),
            Party::Thief => self.thief.clone(),
        }
    }
}

fn now(cluster: &Cluster) -> i64 {
    cluster.clock.now().as_millis()
}

#[derive(Clone, Copy)]
struct Row {
    generation: u32,
    confirmed: bool,
    rotated_at: i64,
    idle_expires_at: i64,
}

/// The rule, told once more and without regard to how it is carried out.
struct Reference {
    row: Option<Row>,
    before: Option<Row>,
    absolute_expires_at: i64,
    /// The newest generation that each node has seen and not written.
    notes: [Option<u32>; NODES],
    knows_of_the_end: [bool; NODES],
    revoked: bool,
}

impl Reference {
    fn signed_in(now: i64) -> Self {
        let absolute_expires_at = now + ABSOLUTE.as_millis() as i64;
        let row =
            Row { generation: 1, confirmed: false, rotated_at: now, idle_expires_at: now + IDLE.as_millis() as i64 };
        Self {
            row: Some(row),
            before: None,
            absolute_expires_at,
            notes: [None; NODES],
            knows_of_the_end: [false; NODES],
            revoked: false,
        }
    }

    fn refresh(&mut self, node: usize, presented: u32, now: i64) -> Result<u32, SessionErrorKind> {
        let row = self.live(now).ok_or(SessionErrorKind::Unauthorised)?;
        if presented >= row.generation {
            return Ok(self.rotate(row, presented + 1, now));
        }
        let in_grace = now <= row.rotated_at + GRACE.as_millis() as i64;
        let in_use = row.confirmed || self.notes[node] == Some(row.generation);
        if presented + 1 == row.generation && (in_grace || !in_use) {
            return Ok(row.generation);
        }
        self.revoke(node);
        Err(SessionErrorKind::TokenTheft)
    }

    fn rotate(&mut self, row: Row, generation: u32, now: i64) -> u32 {
        let idle_expires_at = (now + IDLE.as_millis() as i64).min(self.absolute_expires_at);
        self.before = Some(row);
        self.row = Some(Row { generation, confirmed: false, rotated_at: now, idle_expires_at });
        generation
    }

    fn live(&self, now: i64) -> Option<Row> {
        self.row.filter(|row| now < row.idle_expires_at.min(self.absolute_expires_at))
    }

    fn live_generation(&self, now: i64) -> Option<u32> {
        self.live(now).map(|row| row.generation)
    }

    fn note(&mut self, node: usize, generation: u32) {
        self.notes[node] = self.notes[node].max(Some(generation));
    }

    fn flush(&mut self, node: usize) {
        let note = self.notes[node].take();
        if let Some(row) = self.row.as_mut().filter(|row| note == Some(row.generation)) {
            row.confirmed = true;
        }
    }

    fn crash(&mut self, node: usize) {
        self.notes[node] = None;
        // A node that starts reads what was revoked before.
        self.knows_of_the_end[node] = self.revoked;
    }

    fn revoke(&mut self, node: usize) {
        if self.row.take().is_some() {
            self.revoked = true;
            self.knows_of_the_end[node] = true;
        }
    }

    fn lose_rotation(&mut self) -> Option<Row> {
        self.row = Some(self.row.and(self.before.take())?);
        self.row
    }
}
