//! Room for one more session of a user who may have only so many, on all nodes together.
//!
//! Two sign-ins at once would each find room for one. So each first writes the user's row in `session_users`: the second waits there
//! until the first has committed, and counts what that left. Galera, whose nodes do not wait for each other, finds the conflict when
//! the second commits, and undoes it; it is then tried again.

use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryResult};
use uuid::Uuid;

use super::dialect::{Dialect, Sql, column};
use super::invalidations::Announcement;
use super::revocations::{Doomed, Ended, end};
use super::row::{LIVE, SessionRow};
use super::{Store, StoreError, execute};
use crate::clock::Timestamp;
use crate::id::SessionHandle;

/// A session that counts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LiveSession {
    pub(crate) handle: SessionHandle,
    pub(crate) last_seen_at: Timestamp,
}

/// How room is made.
#[derive(Clone, Copy)]
pub(crate) struct Room<'a> {
    /// Which of the sessions that there are must end; nothing where the new one may not be stored.
    pub(crate) choose: &'a (dyn Fn(Vec<LiveSession>) -> Option<Vec<SessionHandle>> + Sync),
    /// What the others are told of those that end.
    pub(crate) announcement: Announcement<'a>,
}

/// The statements of a sign-in.
pub(super) struct RoomStatements {
    queue: Sql,
    live: Sql,
}

impl RoomStatements {
    pub(super) fn new(dialect: &Dialect) -> Self {
        Self {
            // It must change in any case: Galera sees no conflict over a row that stays as it was.
            queue: dialect.sql(
                "INSERT INTO {session_users} (tenant, user_id, signed_in_at) VALUES (?, ?, ?){or update user} \
                 signed_in_at = {greatest}({session_users}.signed_in_at + 1, ?)",
            ),
            // Who acts as somebody takes none of the user's places. Nothing is locked, since nobody adds to them meanwhile.
            live: dialect.sql(&format!(
                "SELECT handle, last_seen_at FROM {{sessions}} WHERE tenant = ? AND user_id = ? AND actor IS NULL AND {LIVE}"
            )),
        }
    }
}

impl Store {
    /// Waits for those who sign the same user in. Comes first in its transaction: what is read after it is up to date.
    pub(super) async fn queue(
        &self,
        transaction: &DatabaseTransaction,
        session: &SessionRow,
    ) -> Result<(), StoreError> {
        let now = session.created_at.as_millis();
        let values = [session.tenant.as_str().into(), session.user_id.as_str().into(), now.into(), now.into()];
        execute(transaction, self.statements.room.queue.with(values)).await?;
        Ok(())
    }

    /// Ends what has to make way; nothing where the session may not be stored.
    pub(super) async fn make_room(
        &self,
        transaction: &DatabaseTransaction,
        session: &SessionRow,
        room: Room<'_>,
    ) -> Result<Option<Vec<Ended>>, StoreError> {
        let now = room.announcement.now.as_millis();
        let values = [session.tenant.as_str().into(), session.user_id.as_str().into(), now.into(), now.into()];
        let found = transaction.query_all_raw(self.statements.room.live.with(values)).await?;
        let live = found.iter().map(LiveSession::read).collect::<Result<_, _>>()?;
        let Some(leaving) = (room.choose)(live) else { return Ok(None) };
        if leaving.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let doomed = Doomed::These(&leaving);
        end(transaction, self.dialect(), &session.tenant, doomed, room.announcement).await.map(Some)
    }
}

impl LiveSession {
    fn read(row: &QueryResult) -> Result<Self, StoreError> {
        let handle = SessionHandle::from_uuid(column::<Uuid>(row, 0)?);
        Ok(Self { handle, last_seen_at: Timestamp::from_millis(column(row, 1)?) })
    }
}
