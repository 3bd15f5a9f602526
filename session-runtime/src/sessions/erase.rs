//! Forgetting a user, as data protection asks.

use super::Sessions;
use crate::error::{Cause, SessionError};
use crate::id::{IdError, SessionHandle, UserId};

impl Sessions {
    /// Ends all sessions of a user in this tenant and deletes all that the tables say of this user, the audit trail included, for which
    /// there is no undoing. What remains is, until the last token has expired, that sessions of certain handles are over. Answers the
    /// sessions that there were. Cost: two transactions, one of which reads the tenant's whole audit trail.
    ///
    /// # Errors
    ///
    /// When the user id is none, or the database cannot be written. The sessions may then be over and the trail still there: call it
    /// again.
    pub async fn erase_user(
        &self,
        user_id: impl TryInto<UserId, Error: Into<IdError>>,
    ) -> Result<Vec<SessionHandle>, SessionError> {
        let user_id = user_id.try_into().map_err(|error| Cause::Id(error.into()))?;
        let ended = self.revoke_all_sessions_for_user(user_id.clone()).await?;
        self.core.store.erase_user(self.tenant(), &user_id).await?;
        Ok(ended)
    }
}
