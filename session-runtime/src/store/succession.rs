//! A session that takes another's place: the old one ends in the transaction that stores the new one.

use sea_orm::DatabaseTransaction;

use super::invalidations::Announcement;
use super::revocations::{Doomed, Ended, end};
use super::room::Room;
use super::row::StoredSession;
use super::{Store, StoreError, execute};
use crate::id::{SessionHandle, TenantId};

/// The session whose place is taken.
#[derive(Clone)]
pub(crate) struct Predecessor {
    pub(crate) handle: SessionHandle,
    pub(crate) tenant: TenantId,
    /// The revision of its data that the new session's was made of; where it is another by now, nothing is done. Without it, the old
    /// session may have ended already.
    pub(crate) data_revision: Option<i64>,
}

impl Store {
    /// One transaction: ends the predecessor and what has to make way, announces their end, and stores the session.
    pub(crate) async fn insert_after(
        &self,
        session: &StoredSession,
        predecessor: Option<&Predecessor>,
        announcement: Announcement<'_>,
        room: Option<Room<'_>>,
    ) -> Result<Admission, StoreError> {
        self.repeated(|| self.insert_after_once(session, predecessor, announcement, room)).await
    }

    async fn insert_after_once(
        &self,
        session: &StoredSession,
        predecessor: Option<&Predecessor>,
        announcement: Announcement<'_>,
        room: Option<Room<'_>>,
    ) -> Result<Admission, StoreError> {
        let transaction = if room.is_some() { self.begin_up_to_date().await? } else { self.begin().await? };
        if room.is_some() {
            self.queue(&transaction, &session.row).await?;
        }
        let (succession, followed) = self.succeed(&transaction, predecessor, announcement).await?;
        let made_way = match room {
            _ if succession == Succession::Lost => None,
            None => Some(Vec::new()),
            Some(room) => self.make_room(&transaction, &session.row, room).await?,
        };
        let Some(made_way) = made_way else {
            transaction.rollback().await?;
            return Ok(Admission::of_nobody(succession));
        };
        execute(&transaction, self.insertion_of(&[&session.to_values()])).await?;
        transaction.commit().await?;
        Ok(Admission { succession, followed, made_way })
    }

    async fn succeed(
        &self,
        transaction: &DatabaseTransaction,
        predecessor: Option<&Predecessor>,
        announcement: Announcement<'_>,
    ) -> Result<(Succession, Option<Ended>), StoreError> {
        let Some(predecessor) = predecessor else { return Ok((Succession::First, None)) };
        let doomed = predecessor.doomed();
        let ended = end(transaction, self.dialect(), &predecessor.tenant, doomed, announcement).await?.pop();
        let succession = match (&ended, predecessor.data_revision) {
            (Some(_), _) => Succession::Followed,
            (None, None) => Succession::First,
            (None, Some(_)) => Succession::Lost,
        };
        Ok((succession, ended))
    }
}

/// What storing a session has led to.
pub(crate) struct Admission {
    pub(crate) succession: Succession,
    /// The predecessor, if there was one.
    pub(crate) followed: Option<Ended>,
    /// The sessions that ended so that this one may be.
    pub(crate) made_way: Vec<Ended>,
}

impl Admission {
    /// Nothing was stored: the predecessor was lost, or else there was no room.
    const fn of_nobody(succession: Succession) -> Self {
        let succession = match succession {
            Succession::Lost => Succession::Lost,
            _ => Succession::Refused,
        };
        Self { succession, followed: None, made_way: Vec::new() }
    }
}

/// How a succession ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Succession {
    /// The session is stored, and its predecessor has ended.
    Followed,
    /// The session is stored; it had no predecessor, or that had ended before.
    First,
    /// The predecessor is gone or has been written: read it again. Nothing is stored.
    Lost,
    /// No room was made. Nothing is stored.
    Refused,
}

impl Predecessor {
    const fn doomed(&self) -> Doomed<'_> {
        match self.data_revision {
            Some(data_revision) => Doomed::OneAt { handle: self.handle, data_revision },
            None => Doomed::One(self.handle),
        }
    }
}
