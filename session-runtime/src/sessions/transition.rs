//! From one session to the next: signing in with what was gathered before, and acting as somebody else.

use super::Sessions;
use super::create::Newcomer;
use super::session::Session;
use super::update::{ATTEMPTS, read_data};
use crate::backoff::back_off;
use crate::error::{Cause, SessionError};
use crate::id::{IdError, UserId};
use crate::payload::{AccessTokenPayload, SessionData};
use crate::store::{Predecessor, StoredSession, Succession};

impl Sessions {
    /// Creates a session for somebody who has not said who they are: a cart before the sign-in. Its user id is drawn, as
    /// `anonymous:` and the handle; [`Session::is_anonymous`] tells, and the guard [`identified`](crate::claims::identified) refuses
    /// it. For lifetimes of its own see [`with_absolute_timeout`](Self::with_absolute_timeout). Cost: as
    /// [`create_new_session`](Self::create_new_session).
    ///
    /// # Errors
    ///
    /// As [`create_new_session`](Self::create_new_session).
    pub async fn create_anonymous_session<P: AccessTokenPayload, D: SessionData>(
        &self,
        payload: P,
        data: D,
    ) -> Result<Session<P, D>, SessionError> {
        self.create(Newcomer::Anonymous, payload, data).await
    }
}

impl<P: AccessTokenPayload, D: SessionData> Session<P, D> {
    /// Signs a user in with what this session has gathered: a new session under a new handle, whose data `carry` makes of this
    /// one's. This session ends in the same transaction (against fixation: ASVS 7.2.4). `carry` is given what is stored, and is
    /// called again if another wrote meanwhile: no write is lost. Cost: one read and one transaction.
    ///
    /// ```
    /// use serde::{Deserialize, Serialize};
    /// use session_runtime::{NoPayload, Session, SessionData, SessionError};
    ///
    /// #[derive(Default, Serialize, Deserialize, SessionData)]
    /// struct Cart {
    ///     items: Vec<u32>,
    /// }
    ///
    /// async fn sign_in(visitor: Session<NoPayload, Cart>, saved: Cart) -> Result<(), SessionError> {
    ///     let merge = |cart: Cart| Cart { items: [saved.items.clone(), cart.items].concat() };
    ///     let session = visitor.sign_in::<_, Cart>("ada", NoPayload, merge).await?;
    ///     assert!(!session.is_anonymous());
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// When this session is over: nothing is created then. Else as [`create_new_session`](Sessions::create_new_session), and when
    /// others wrote each of 32 times; this session then goes on.
    pub async fn sign_in<P2: AccessTokenPayload, D2: SessionData>(
        self,
        user_id: impl TryInto<UserId, Error: Into<IdError>>,
        payload: P2,
        carry: impl Fn(D) -> D2,
    ) -> Result<Session<P2, D2>, SessionError> {
        let user_id = user_id.try_into().map_err(|error| Cause::Id(error.into()))?;
        let sessions = self.sessions();
        for attempt in 0..ATTEMPTS {
            let StoredSession { row: old, data, data_revision } = self.stored().await?;
            let data = carry(read_data(sessions, old.handle, &data)?);
            let prepared = sessions.prepare(Newcomer::User(user_id.clone()), &payload, &data)?;
            let predecessor =
                Predecessor { handle: old.handle, tenant: old.tenant, data_revision: Some(data_revision) };
            if sessions.core.admit(&prepared.stored, Some(&predecessor)).await? == Succession::Followed {
                return Ok(sessions.hand_out(prepared, payload));
            }
            back_off(attempt).await;
        }
        Err(Cause::Conflict { attempts: ATTEMPTS }.into())
    }

    /// Lets this session's user act as another: a new session of that user, whose tokens and row name the actor (`act`, RFC 8693 §4.1)
    /// and which ends after the policy's [`impersonation_timeout`](crate::PolicyBuilder::impersonation_timeout). Who may do so is the
    /// caller's to check; what must not be done so is guarded by [`not_impersonated`](crate::claims::not_impersonated).
    ///
    /// Within a request the new tokens take the place of this session's, which ends; outside, and from
    /// [`Sessions::verify`], it goes on. Cost: as [`create_new_session`](Sessions::create_new_session).
    ///
    /// # Errors
    ///
    /// When this session is itself one in which somebody acts as somebody, or of nobody known. Else as
    /// [`create_new_session`](Sessions::create_new_session).
    pub async fn impersonate<P2: AccessTokenPayload, D2: SessionData>(
        &self,
        user_id: impl TryInto<UserId, Error: Into<IdError>>,
        payload: P2,
        data: D2,
    ) -> Result<Session<P2, D2>, SessionError> {
        let user_id = user_id.try_into().map_err(|error| Cause::Id(error.into()))?;
        if self.actor().is_some() || self.is_anonymous() {
            return Err(Cause::NestedImpersonation.into());
        }
        let sessions = self.sessions();
        let (actor, longest) = (self.user_id().clone(), sessions.policy().impersonation_timeout);
        sessions.create(Newcomer::Impersonated { user_id, actor, longest }, payload, data).await
    }
}
