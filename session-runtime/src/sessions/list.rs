//! Looking sessions up.

use super::Sessions;
use super::information::SessionInformation;
use crate::error::{Cause, SessionError};
use crate::id::{IdError, SessionHandle, UserId};

impl Sessions {
    /// What the database knows of a session; `None` where it is over or of another tenant. Cost: one read by primary key.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub async fn session_information(
        &self,
        handle: &SessionHandle,
    ) -> Result<Option<SessionInformation>, SessionError> {
        Ok(self.live_row(*handle).await?.map(SessionInformation::new))
    }

    /// A user's sessions that are not over, oldest first, with everything that is known of them. Cost: one read.
    ///
    /// # Errors
    ///
    /// When the user id is none, or the database cannot be read.
    pub async fn list_sessions(
        &self,
        user_id: impl TryInto<UserId, Error: Into<IdError>>,
    ) -> Result<Vec<SessionInformation>, SessionError> {
        let user_id = user_id.try_into().map_err(|error| Cause::Id(error.into()))?;
        let rows = self.core.store.list(self.tenant(), &user_id, self.core.now()).await?;
        Ok(rows.into_iter().map(SessionInformation::new).collect())
    }
}
