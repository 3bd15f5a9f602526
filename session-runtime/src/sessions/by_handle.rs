//! Changing what somebody's session holds, by its handle: for admin tools, jobs and webhooks.

use super::Sessions;
use super::event::SessionEventKind;
use super::exchange::Transport;
use super::update::{ATTEMPTS, read_data};
use crate::backoff::back_off;
use crate::config::TransferMethod;
use crate::error::{Cause, SessionError};
use crate::id::SessionHandle;
use crate::payload::{AccessTokenPayload, SessionData, Travels};
use crate::store::{Expect, SessionRow, StoredSession, Swap};

impl Sessions {
    /// A session's data, by its handle; `None` where there is no such session. Cost: one read by primary key.
    ///
    /// # Errors
    ///
    /// When the data cannot be read as a `D`, or the database cannot be read.
    pub async fn data<D: SessionData>(&self, handle: &SessionHandle) -> Result<Option<D>, SessionError> {
        let Some(stored) = self.live(*handle).await? else { return Ok(None) };
        read_data(self, *handle, &stored.data).map(Some)
    }

    /// As [`Session::update_data`](crate::Session::update_data), by handle. Cost: one read and one write.
    ///
    /// # Errors
    ///
    /// When there is no such session ([`NotFound`](crate::SessionErrorKind::NotFound)), the data cannot be read or written, or
    /// others were faster each of 32 times.
    pub async fn update_data<D: SessionData>(
        &self,
        handle: &SessionHandle,
        change: impl Fn(&mut D),
    ) -> Result<D, SessionError> {
        for attempt in 0..ATTEMPTS {
            let stored = self.known(handle).await?;
            let mut data = read_data(self, *handle, &stored.data)?;
            change(&mut data);
            let expected = Expect::Revision(stored.data_revision);
            let document = self.core.data_document(&data)?;
            if self.core.store.update_data(*handle, expected, document, self.core.now()).await? == Swap::Done {
                return Ok(data);
            }
            back_off(attempt).await;
        }
        Err(Cause::Conflict { attempts: ATTEMPTS }.into())
    }

    /// As [`Session::replace_data`](crate::Session::replace_data), by handle. Cost: one read, for the tenant, and one write.
    ///
    /// # Errors
    ///
    /// When there is no such session, or the data cannot be written.
    pub async fn replace_data<D: SessionData>(&self, handle: &SessionHandle, data: &D) -> Result<(), SessionError> {
        self.known_row(handle).await?;
        let (document, now) = (self.core.data_document(data)?, self.core.now());
        match self.core.store.update_data(*handle, Expect::Anything, document, now).await? {
            Swap::Done => Ok(()),
            Swap::Lost => Err(Cause::UnknownSession.into()),
        }
    }

    /// Changes a session's payload by its handle. The access tokens that are out are of no use any more: this node answers them with "try
    /// refresh token" at once, every other as soon as it hears of it, as of a revocation, and the refresh brings the new
    /// payload. Cost: one read, and one transaction of two statements.
    ///
    /// # Errors
    ///
    /// When there is no such session, the payload cannot be read, is larger than it declares or than a cookie holds, or others
    /// were faster each of 32 times. Nothing is stored then.
    pub async fn update_payload<P: AccessTokenPayload>(
        &self,
        handle: &SessionHandle,
        change: impl Fn(&mut P),
    ) -> Result<P, SessionError> {
        for attempt in 0..ATTEMPTS {
            let row = self.known_row(handle).await?;
            if let Some((row, payload)) = self.swap_payload(row, &change, |row| self.check_fits::<P>(row)).await? {
                self.core.emit(&row, SessionEventKind::PayloadUpdated { revision: row.payload_revision });
                return Ok(payload);
            }
            back_off(attempt).await;
        }
        Err(Cause::Conflict { attempts: ATTEMPTS }.into())
    }

    pub(super) async fn known(&self, handle: &SessionHandle) -> Result<StoredSession, SessionError> {
        Ok(self.live(*handle).await?.ok_or(Cause::UnknownSession)?)
    }

    async fn known_row(&self, handle: &SessionHandle) -> Result<SessionRow, SessionError> {
        Ok(self.live_row(*handle).await?.ok_or(Cause::UnknownSession)?)
    }

    /// Nobody knows here how the session's tokens travel, so they must fit a cookie unless they never go into one.
    fn check_fits<P: AccessTokenPayload>(&self, row: &SessionRow) -> Result<(), SessionError> {
        if P::TRAVELS == Travels::HeaderOnly || self.core.policy.transfer == TransferMethod::Header {
            return Ok(());
        }
        self.core.check_row(row, row.generation, Transport::Cookie)
    }
}
