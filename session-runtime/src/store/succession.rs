//! A session that takes another's place: the old one ends in the transaction that stores the new one.

use super::invalidations::{Announcement, Doomed, end};
use super::row::SessionRow;
use super::{Store, StoreError, execute, retried};
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
    /// One transaction: ends the predecessor, announces its end, and stores the session.
    pub(crate) async fn insert_after(
        &self,
        session: &SessionRow,
        predecessor: &Predecessor,
        announcement: Announcement<'_>,
    ) -> Result<Succession, StoreError> {
        retried(|| self.insert_after_once(session, predecessor, announcement)).await
    }

    async fn insert_after_once(
        &self,
        session: &SessionRow,
        predecessor: &Predecessor,
        announcement: Announcement<'_>,
    ) -> Result<Succession, StoreError> {
        let transaction = self.begin().await?;
        let ended = end(&transaction, self.dialect(), &predecessor.tenant, predecessor.doomed(), announcement).await?;
        if ended.is_empty() && predecessor.data_revision.is_some() {
            transaction.rollback().await?;
            return Ok(Succession::Lost);
        }
        execute(&transaction, self.insertion(session)).await?;
        transaction.commit().await?;
        Ok(if ended.is_empty() { Succession::First } else { Succession::Followed })
    }
}

/// How a succession ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Succession {
    /// The session is stored, and its predecessor has ended.
    Followed,
    /// The session is stored; its predecessor had ended before.
    First,
    /// The predecessor is gone or has been written: read it again. Nothing is stored.
    Lost,
}

impl Predecessor {
    const fn doomed(&self) -> Doomed<'_> {
        match self.data_revision {
            Some(data_revision) => Doomed::OneAt { handle: self.handle, data_revision },
            None => Doomed::One(self.handle),
        }
    }
}
