//! Ending the sessions of a whole tenant: one announcement that every node goes by, and then the rows, a page at a time.

use std::time::Duration;

use super::audit::{TENANT_REVOKED, cutoff_detail};
use super::event::SessionEventKind;
use super::{Core, Sessions};
use crate::clock::Timestamp;
use crate::error::SessionError;
use crate::reason::RevocationReason;
use crate::store::{Announcement, Audited, Cutoff, StoreError};

impl Sessions {
    /// Ends all sessions of this tenant, however many they are. This node refuses their tokens once they are announced, every other
    /// within the feed interval; then their rows are deleted. Answers how many rows there were. Cost: one read, one transaction of
    /// two statements, and two small statements for every 500 sessions, between which everybody else can work.
    ///
    /// A session that another node creates meanwhile, whose clock is behind, may end too.
    ///
    /// # Errors
    ///
    /// When the database cannot be written. Where it failed after the announcement, the sessions are over all the same, and their
    /// rows go later.
    pub async fn revoke_all_sessions_of_tenant(&self) -> Result<u64, SessionError> {
        let now = self.core.now();
        // A node whose clock is ahead makes handles of the future.
        let newest = self.core.store.newest_from(self.tenant(), now).await?;
        let newest = newest.map_or(now, |handle| handle.created_at());
        self.cut_off(newest.after(Duration::from_millis(1))).await
    }

    /// As [`revoke_all_sessions_of_tenant`](Self::revoke_all_sessions_of_tenant), of the sessions that were created before `time` by
    /// the clocks of their nodes; a time that is yet to come counts as now. Cost: as there, without the read.
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn revoke_sessions_of_tenant_created_before(&self, time: Timestamp) -> Result<u64, SessionError> {
        self.cut_off(time.min(self.core.now())).await
    }

    async fn cut_off(&self, before: Timestamp) -> Result<u64, SessionError> {
        let reason = self.reason.clone().unwrap_or(RevocationReason::TenantRevoked);
        let cutoff = Cutoff { tenant: self.tenant().clone(), before };
        let audited = Audited { event: TENANT_REVOKED, detail: Some(&cutoff_detail(before)) };
        let announcement = Announcement { audited, ..self.core.announcement(&reason) };
        self.core.store.cut_off(&cutoff, announcement).await?;
        self.core.feed.add_cutoff(&cutoff, &reason, announcement.expires_at);
        self.core.emit(self.tenant(), SessionEventKind::TenantRevoked { before, reason });
        self.clear_if_cut_off(&cutoff);
        Ok(self.core.delete_cut_off(&cutoff).await?)
    }

    /// Has the response clear the tokens of the request's own session, if it is one of those.
    fn clear_if_cut_off(&self, cutoff: &Cutoff) {
        let own = self.exchange().and_then(|exchange| exchange.session_in(&cutoff.tenant));
        if let Some(own) = own.filter(|own| own.created_at() < cutoff.before) {
            self.clear(Some(own), self.own_clearing());
        }
    }
}

impl Core {
    /// Deletes the sessions that were cut off. Answers how many.
    async fn delete_cut_off(&self, cutoff: &Cutoff) -> Result<u64, StoreError> {
        let (mut deleted, mut cursor) = (0, None);
        loop {
            let (page, next) = self.store.delete_cut_off(cutoff, cursor).await?;
            deleted += page;
            if next.is_none() {
                return Ok(deleted);
            }
            cursor = next;
        }
    }
}
