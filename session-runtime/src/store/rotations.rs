//! Rotations: a session's next generation, as a compare-and-set.

use std::time::Duration;

use sea_orm::{Statement, Value};

use super::dialect::{Dialect, Engine, Sql, placeholders};
use super::row::{COLUMNS, Document, SessionRow, millis};
use super::write::Write;
use super::{Store, StoreError, Swap};
use crate::clock::Timestamp;
use crate::device::Device;
use crate::id::{Generation, SessionHandle};

/// What a rotation writes.
#[derive(Clone)]
pub(crate) struct Rotation {
    pub(crate) next: Generation,
    pub(crate) now: Timestamp,
    pub(crate) idle_expires_at: Timestamp,
    /// The payload that the session goes on with, where it is another.
    pub(crate) payload: Option<Document>,
    /// Where the session is now used from, which costs no statement of its own.
    pub(crate) device: Device,
}

/// A rotation that asks nothing before: whoever presents the newest generation of a session that is not over gets the next one.
pub(crate) struct Advance {
    pub(crate) handle: SessionHandle,
    pub(crate) presented: Generation,
    pub(crate) secret_digest: [u8; 32],
    pub(crate) now: Timestamp,
    /// Of sessions that have none of their own.
    pub(crate) idle_timeout: Duration,
    /// A longer payload is for somebody to look at before.
    pub(crate) longest_payload: Option<usize>,
    pub(crate) device: Device,
}

impl Advance {
    fn longest(&self) -> i64 {
        self.longest_payload.and_then(|longest| i64::try_from(longest).ok()).unwrap_or(i64::MAX)
    }

    /// In the order of `VALUES`.
    fn to_values(&self) -> [Value; VALUES.len()] {
        [
            self.handle.as_uuid().into(),
            i64::from(self.presented.number()).into(),
            i64::from(self.presented.next().number()).into(),
            self.secret_digest.to_vec().into(),
            self.now.as_millis().into(),
            millis(self.idle_timeout).into(),
            self.device.user_agent.as_deref().into(),
            self.device.address.map(|address| address.to_string()).into(),
            self.longest().into(),
        ]
    }
}

impl SessionRow {
    /// The row after a rotation.
    pub(crate) fn rotated(self, rotation: &Rotation) -> Self {
        let Rotation { next, now, idle_expires_at, .. } = *rotation;
        Self {
            generation: next,
            confirmed: false,
            rotated_at: now,
            last_seen_at: now,
            idle_expires_at,
            payload_revision: self.payload_revision + i64::from(rotation.payload.is_some()),
            payload: rotation.payload.clone().unwrap_or(self.payload),
            device: rotation.device.clone(),
            ..self
        }
    }
}

/// The statements of this file.
pub(super) struct RotationStatements {
    advance: Sql,
    /// Which of [`VALUES`] it wants, in its order.
    values: Vec<usize>,
    /// Of several sessions, whose values come as columns. One that comes twice advances once.
    advance_all: Sql,
    rotate: Sql,
    rotate_with_payload: Sql,
}

/// The happy path of `rotation::decide`, with `Core::idle_expiry`: to be changed together. Who is over is none of those that advance, and
/// nobody was idle since before they were last here. A colon stands before the name of a value.
const ADVANCE: &str = "UPDATE {sessions} SET generation = :next, confirmed = false, rotated_at = :now, last_seen_at = :now, \
     idle_expires_at = {least}({greatest}(rotated_at, :now) + COALESCE(idle_timeout, :idle), absolute_expires_at), \
     user_agent = COALESCE(:agent, user_agent), ip = COALESCE(:address, ip)";

/// Whom it is about.
const PRESENTED: &str = "WHERE handle = :handle AND generation = :presented AND secret_digest = :digest \
     AND idle_expires_at > :now AND absolute_expires_at > :now AND {octets of payload} <= :longest";

/// The values of an [`Advance`], by the names that they have above.
const VALUES: [&str; 9] = ["handle", "presented", "next", "digest", "now", "idle", "agent", "address", "longest"];

impl RotationStatements {
    pub(super) fn new(dialect: &Dialect) -> Self {
        let mut values = Vec::new();
        let advance = spelt(&format!("{ADVANCE} {PRESENTED} RETURNING {COLUMNS}"), |name| {
            values.extend(VALUES.iter().position(|value| *value == name));
            "?".to_owned()
        });
        let columns = placeholders(VALUES.len());
        let names = VALUES.map(|name| format!("v_{name}")).join(", ");
        let advance_all = format!("{ADVANCE} FROM unnest({columns}) AS v ({names}) {PRESENTED} RETURNING {COLUMNS}");
        Self {
            advance: dialect.sql(&advance),
            values,
            advance_all: dialect.sql(&spelt(&advance_all, |name| format!("v_{name}"))),
            rotate: dialect.sql(&rotate("")),
            rotate_with_payload: dialect.sql(&rotate(
                ", payload = ?, payload_kind = ?, payload_version = ?, payload_revision = payload_revision + 1",
            )),
        }
    }
}

/// A text with something in place of each name that has a colon before it.
fn spelt(text: &str, mut with: impl FnMut(&str) -> String) -> String {
    let mut parts = text.split(':');
    let mut spelt = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(part.len());
        let (name, rest) = part.split_at(end);
        spelt.push_str(&with(name));
        spelt.push_str(rest);
    }
    spelt
}

fn rotate(payload: &str) -> String {
    format!(
        "UPDATE {{sessions}} SET generation = ?, confirmed = ?, rotated_at = ?, last_seen_at = ?, \
         idle_expires_at = ?, user_agent = ?, ip = ?{payload} WHERE handle = ? AND generation = ? AND payload_revision = ?"
    )
}

impl Store {
    /// Whether the engine can [`advance`](Self::advance).
    pub(crate) fn advances(&self) -> bool {
        self.dialect().engine != Engine::MySql
    }

    /// One statement: what the rule decides of whoever presents the newest generation of a live session, and nothing for anybody else. The
    /// row as it then stands.
    pub(crate) async fn advance(&self, advance: Advance) -> Result<Option<SessionRow>, StoreError> {
        let written = self.write(Write::Advance(Box::new(advance))).await?;
        written.returned.first().map(SessionRow::read).transpose()
    }

    pub(super) fn advance_of(&self, advance: &Advance) -> Statement {
        let RotationStatements { advance: statement, values, .. } = self.rotations();
        let all = advance.to_values();
        statement.with_all(values.iter().filter_map(|value| all.get(*value).cloned()))
    }

    /// In the order of handles, so that nodes which advance the same sessions wait for each other, and not in a circle.
    pub(super) fn advance_of_all(&self, advances: &[&Advance]) -> Statement {
        let mut advances = advances.to_vec();
        advances.sort_by_key(|advance| advance.handle.as_uuid());
        let rows: Vec<_> = advances.into_iter().map(Advance::to_values).collect();
        self.rotations().advance_all.with_columns(&rows.iter().collect::<Vec<_>>())
    }

    /// One statement: carries a rotation out, if the row is still the one that it was decided on: its generation, and its payload,
    /// which goes into the access token.
    pub(crate) async fn rotate(&self, row: &SessionRow, rotation: &Rotation) -> Result<Swap, StoreError> {
        let written = [
            i64::from(rotation.next.number()).into(),
            false.into(),
            rotation.now.as_millis().into(),
            rotation.now.as_millis().into(),
            rotation.idle_expires_at.as_millis().into(),
            rotation.device.user_agent.as_deref().into(),
            rotation.device.address.map(|address| address.to_string()).into(),
        ];
        let compared =
            [row.handle.as_uuid().into(), i64::from(row.generation.number()).into(), row.payload_revision.into()];
        let statement = match &rotation.payload {
            None => self.rotations().rotate.with_all(written.into_iter().chain(compared)),
            Some(Document { json, kind, version }) => {
                let payload = [json.as_str().into(), kind.as_str().into(), i64::from(*version).into()];
                self.rotations().rotate_with_payload.with_all(written.into_iter().chain(payload).chain(compared))
            }
        };
        Ok(Swap::of(self.write(Write::Rotation(statement)).await?.rows))
    }

    fn rotations(&self) -> &RotationStatements {
        &self.statements.rotations
    }
}
