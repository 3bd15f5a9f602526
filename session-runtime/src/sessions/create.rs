//! Creating a session: one INSERT, and tokens attached to the response.

use std::sync::Arc;

use super::session::Session;
use super::{Core, Sessions, event};
use crate::device::Device;
use crate::error::{Cause, SessionError};
use crate::id::{Generation, IdError, SessionHandle, UserId};
use crate::payload::{self, AccessTokenPayload, SessionData};
use crate::secret;
use crate::store::{Document, SessionRow};
use crate::token::refresh::SessionSecret;

impl Sessions {
    /// Signs a user in: creates a session and attaches its tokens to the response, or leaves them in
    /// [`Session::tokens`] where there is no response.
    ///
    /// The user id is 1–128 visible characters of the application's choice. The tokens travel as the policy says, else as
    /// the request's `st-auth-mode` asks, else in headers. Cost: one statement.
    ///
    /// # Errors
    ///
    /// When the user id is none, the payload is larger than it declares or than a cookie holds, or the database cannot be
    /// written. Nothing is stored then, and the response is left alone.
    pub async fn create_new_session<P: AccessTokenPayload, D: SessionData>(
        &self,
        user_id: impl TryInto<UserId, Error: Into<IdError>>,
        payload: P,
        data: D,
    ) -> Result<Session<P, D>, SessionError> {
        let user_id = user_id.try_into().map_err(|error| Cause::Id(error.into()))?;
        let now = self.core.now();
        let secret = SessionSecret::new(secret::draw::<32>().map_err(Cause::Random)?);
        let ends = self.ends(now).map_err(Cause::Terms)?;
        let row = SessionRow {
            handle: SessionHandle::mint(now).map_err(Cause::Random)?,
            tenant: self.tenant().clone(),
            user_id,
            payload: payload_document(&payload)?,
            payload_revision: 0,
            data: self.core.data_document(&data)?,
            data_revision: 0,
            secret_digest: secret.digest(),
            generation: Generation::FIRST,
            confirmed: false,
            rotated_at: now,
            created_at: now,
            authenticated_at: now,
            last_seen_at: now,
            idle_expires_at: ends.idle_expires_at,
            absolute_expires_at: ends.absolute_expires_at,
            cookie_lifetime: self.terms.cookie_lifetime.unwrap_or(self.core.policy.cookie_lifetime),
            idle_timeout: self.terms.idle_timeout,
            access_token_lifetime: self.terms.access_token_lifetime,
            actor: None,
            anonymous: false,
            device: Device::default(),
        };
        let claims = self.core.claims_of(&row, Generation::FIRST, now);
        let tokens = self.core.mint_all(&claims, secret, &row);
        let transport = self.transport_of_new();
        self.core.check_size(&tokens, transport)?;
        self.core.store.insert(&row).await?;
        event::created(&claims);
        let clear_other = self.exchange().is_some_and(|exchange| exchange.has_other(transport));
        self.attach(row.handle, &tokens, transport, clear_other);
        let transport = self.exchange().map(|_| transport);
        Ok(Session::new(self.clone(), Arc::new(claims), payload, transport).with_tokens(tokens))
    }
}

pub(super) fn payload_document<P: AccessTokenPayload>(payload: &P) -> Result<Document, SessionError> {
    let json = payload::encode_payload(payload).map_err(Cause::Payload)?;
    Ok(Document { json, kind: P::KIND.to_owned(), version: P::VERSION })
}

impl Core {
    pub(super) fn data_document<D: SessionData>(&self, data: &D) -> Result<Document, SessionError> {
        let json = payload::encode_data(data).map_err(Cause::Payload)?;
        let limit = self.policy.max_session_data;
        if json.len() > limit {
            return Err(Cause::DataTooLarge { bytes: json.len(), limit }.into());
        }
        Ok(Document { json, kind: D::KIND.to_owned(), version: D::VERSION })
    }
}
