//! Rows of `session_leases`: who does what only one node should do, and until when.

use std::time::Duration;

use super::{Store, StoreError};
use crate::clock::Timestamp;

/// A lease that ends so much later than a new one would is of a node whose clock was wrong, and counts for nothing.
const TOO_LONG: Duration = Duration::from_secs(60 * 60);

impl Store {
    /// One statement, or two where somebody else holds it or nobody ever did: takes a lease, or goes on with it, unless another holds
    /// it. Answers whether it is held now.
    pub(crate) async fn take_lease(
        &self,
        name: &str,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let take = "UPDATE {session_leases} SET holder = ?, expires_at = ? \
                    WHERE name = ? AND (holder = ? OR expires_at <= ? OR expires_at > ?)";
        let values = [
            holder.into(),
            until.as_millis().into(),
            name.into(),
            holder.into(),
            now.as_millis().into(),
            until.after(TOO_LONG).as_millis().into(),
        ];
        if self.execute(self.dialect().sql(take).with(values)).await? > 0 {
            return Ok(true);
        }
        let first = "{insert unless there} {session_leases} (name, holder, expires_at) VALUES (?, ?, ?){unless there}";
        let values = [name.into(), holder.into(), until.as_millis().into()];
        Ok(self.execute(self.dialect().sql(first).with(values)).await? > 0)
    }
}
