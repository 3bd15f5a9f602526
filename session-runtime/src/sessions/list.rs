//! Looking sessions up: one, a user's, a tenant's. None of it reads session data, and none shows a session that is over.

use super::information::SessionInformation;
use super::{Core, Sessions};
use crate::error::{Cause, SessionError};
use crate::id::{IdError, SessionHandle, UserId};
use crate::store::{Listed, Part, SessionSummary};

/// How many sessions a page has at most.
const LONGEST_PAGE: usize = 1000;

/// A page of a list of sessions, oldest first.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SessionPage {
    /// The sessions.
    pub sessions: Vec<SessionInformation>,
    /// Where the next page begins, to be given as `after`; nothing where this page is the last.
    pub next: Option<SessionHandle>,
}

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

    /// A user's sessions that are not over, oldest first. Cost: one read, as large as they are many; where that can be a lot, take
    /// [`list_sessions_page`](Self::list_sessions_page).
    ///
    /// # Errors
    ///
    /// When the user id is none, or the database cannot be read.
    pub async fn list_sessions(
        &self,
        user_id: impl TryInto<UserId, Error: Into<IdError>>,
    ) -> Result<Vec<SessionInformation>, SessionError> {
        let user_id = user_id.try_into().map_err(|error| Cause::Id(error.into()))?;
        let found = self.core.store.list(self.tenant(), Listed::OfUser(&user_id), self.core.now()).await?;
        Ok(self.core.information(found))
    }

    /// A page of a user's sessions that are not over, oldest first: those after `after`, from the first without. 1 – 1,000 of them; a
    /// limit beyond is taken as the nearest. Sessions that end or begin between two pages leave no gap and none is there twice. Cost:
    /// one read along an index, as much for the last page as for the first.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use session_runtime::{Keys, NoData, NoPayload, Policy, Sessions};
    /// # let policy = Policy::for_api("https://api.shop.example").build()?;
    /// # let sessions = Sessions::builder(policy, Keys::managed()).connect("sqlite::memory:").await?;
    /// # for _ in 0..3 {
    /// #     sessions.create_new_session::<NoPayload, NoData>("ada", NoPayload, NoData).await?;
    /// # }
    /// let mut page = sessions.list_sessions_page("ada", None, 2).await?;
    /// let mut seen = page.sessions.len();
    /// while let Some(next) = page.next {
    ///     page = sessions.list_sessions_page("ada", Some(next), 2).await?;
    ///     seen += page.sessions.len();
    /// }
    /// assert_eq!(seen, 3);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When the user id is none, or the database cannot be read. A handle whose session is over is none.
    pub async fn list_sessions_page(
        &self,
        user_id: impl TryInto<UserId, Error: Into<IdError>>,
        after: Option<SessionHandle>,
        limit: usize,
    ) -> Result<SessionPage, SessionError> {
        let user_id = user_id.try_into().map_err(|error| Cause::Id(error.into()))?;
        self.page(Listed::OfUser(&user_id), after, limit).await
    }

    /// A page of all sessions of the tenant that are not over, as [`list_sessions_page`](Self::list_sessions_page): for tools. Cost: one
    /// read along the primary key; it passes over what is of other tenants and what is over and not yet purged, so that a page of a
    /// small tenant among large ones can be long in coming.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub async fn list_all_page(&self, after: Option<SessionHandle>, limit: usize) -> Result<SessionPage, SessionError> {
        self.page(Listed::All, after, limit).await
    }

    /// How many sessions of a user are not over. Cost: one read of as many rows.
    ///
    /// # Errors
    ///
    /// When the user id is none, or the database cannot be read.
    pub async fn count_sessions(
        &self,
        user_id: impl TryInto<UserId, Error: Into<IdError>>,
    ) -> Result<u64, SessionError> {
        let user_id = user_id.try_into().map_err(|error| Cause::Id(error.into()))?;
        Ok(self.core.store.count(self.tenant(), Listed::OfUser(&user_id), self.core.now()).await?)
    }

    /// How many sessions of the tenant are not over. Cost: one read that looks at every row of the tenant: for a report now and then.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub async fn count_all(&self) -> Result<u64, SessionError> {
        Ok(self.core.store.count(self.tenant(), Listed::All, self.core.now()).await?)
    }

    async fn page(
        &self,
        listed: Listed<'_>,
        after: Option<SessionHandle>,
        limit: usize,
    ) -> Result<SessionPage, SessionError> {
        let limit = limit.clamp(1, LONGEST_PAGE);
        // One more than asked for, to know whether there are more.
        let part = Part { after, limit: limit + 1 };
        let mut found = self.core.store.list_part(self.tenant(), listed, part, self.core.now()).await?;
        let has_more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| has_more).map(|last| last.handle);
        Ok(SessionPage { sessions: self.core.information(found), next })
    }
}

impl Core {
    /// What is to be shown: not what is left of sessions that have ended with their tenant's.
    fn information(&self, found: Vec<SessionSummary>) -> Vec<SessionInformation> {
        let live = found.into_iter().filter(|summary| !self.is_cut_off(&summary.tenant, summary.handle));
        live.map(SessionInformation::new).collect()
    }
}
