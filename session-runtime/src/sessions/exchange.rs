//! What passes between the door and the desk, in neither's own words: one request, and what its response must change.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::Sessions;
use super::known::KnownToken;
use super::mint::SessionTokens;
use super::presented::{Clutter, Presented, Ways};
use crate::device::Device;
use crate::error::SessionError;
use crate::id::{SessionHandle, TenantId};

/// How a token travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Cookie,
    Header,
}

/// What a response must change at the client.
pub(crate) enum TokenChange {
    Unchanged,
    Issued {
        /// Whose tokens they are.
        handle: SessionHandle,
        tokens: SessionTokens,
        transport: Transport,
        /// The other transport brought tokens too, which must go.
        clear_other: bool,
    },
    Cleared {
        /// Which session is over; nothing where the tokens were of none.
        ended: Option<SessionHandle>,
        clearing: Clearing,
    },
}

/// Which transports lose their tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clearing {
    Used(Transport),
    Both,
}

/// One request and its response. Every request has one, so what few requests need is boxed.
pub(crate) struct Exchange {
    sessions: Arc<Sessions>,
    /// All of it, with its proof: kept for handlers that take the sessions. Who takes a session only has it read where it stands, and of
    /// that no more is kept than is [verified](Verified).
    presented: OnceLock<Box<Presented<'static>>>,
    clutter: OnceLock<Clutter>,
    device: OnceLock<Box<Device>>,
    verified: OnceLock<Verified>,
    /// The database has said that the session is there.
    confirmed: AtomicBool,
    outcome: Mutex<Outcome>,
}

/// The access token that was accepted, and how it came.
pub(crate) struct Verified {
    pub(crate) token: Arc<KnownToken>,
    pub(crate) transport: Transport,
    /// For a session that signs a user in anew, or as another.
    pub(super) ways: Ways,
}

#[derive(Default)]
struct Outcome {
    /// Nothing where nothing changes.
    change: Option<Box<TokenChange>>,
    /// The response has left: nothing can be attached to it any more.
    sealed: bool,
}

impl Exchange {
    /// An exchange of these sessions, which are bound to none themselves.
    pub(crate) fn new(sessions: Arc<Sessions>) -> Self {
        Self {
            sessions,
            presented: OnceLock::new(),
            clutter: OnceLock::new(),
            device: OnceLock::new(),
            verified: OnceLock::new(),
            confirmed: AtomicBool::new(false),
            outcome: Mutex::default(),
        }
    }

    /// The sessions that the exchange is of.
    pub(crate) fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// What the request brought: read once, and only for handlers that take the sessions.
    pub(crate) fn present<'a>(&self, read: impl FnOnce() -> Presented<'a>) {
        let presented = self.presented.get_or_init(|| Box::new(read().into_owned()));
        self.notice(presented.clutter());
    }

    /// What the request brought; nothing where no handler takes the sessions.
    pub(crate) fn presented(&self) -> &Presented<'static> {
        self.presented.get().map_or(Presented::NOTHING, Box::as_ref)
    }

    /// By which ways the client has tokens and wants them, as far as anybody looked.
    pub(super) fn ways(&self) -> Ways {
        match (self.presented.get(), self.verified.get()) {
            (Some(presented), _) => presented.ways(None),
            (None, Some(verified)) => verified.ways,
            (None, None) => Ways::default(),
        }
    }

    /// Notes what the browser has too much of.
    pub(crate) fn notice(&self, clutter: Clutter) {
        if clutter.is_any() {
            self.clutter.get_or_init(|| clutter);
        }
    }

    /// What the browser has too much of, as far as anybody looked.
    pub(crate) fn clutter(&self) -> Clutter {
        self.clutter.get().copied().unwrap_or_default()
    }

    /// Where the request comes from: read once, and only for handlers that may create or refresh a session.
    pub(crate) fn come_from(&self, read: impl FnOnce() -> Device) {
        self.device.get_or_init(|| Box::new(read()));
    }

    /// Where the request comes from; nothing where nobody looked.
    pub(crate) fn device(&self) -> Device {
        self.device.get().map(|device| Device::clone(device)).unwrap_or_default()
    }

    /// The verified access token; the first extractor of a request verifies, the others look here.
    pub(crate) fn verified(
        &self,
        verify: impl FnOnce() -> Result<Verified, SessionError>,
    ) -> Result<&Verified, SessionError> {
        if let Some(verified) = self.verified.get() {
            return Ok(verified);
        }
        let verified = verify()?;
        Ok(self.verified.get_or_init(|| verified))
    }

    /// The access token that was verified before, if one was.
    pub(crate) fn accepted(&self) -> Option<&Verified> {
        self.verified.get()
    }

    /// Notes that the database has said that the request's session is there.
    pub(crate) fn confirm(&self) {
        self.confirmed.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_confirmed(&self) -> bool {
        self.confirmed.load(Ordering::Relaxed)
    }

    /// How the request's own session travels, as far as it is known.
    pub(crate) fn transport(&self) -> Option<Transport> {
        self.verified.get().map(|verified| verified.transport)
    }

    pub(crate) fn is_of(&self, handle: SessionHandle) -> bool {
        self.verified.get().is_some_and(|verified| verified.token.claims.handle == handle)
    }

    /// The request's own session, if it is one of this tenant.
    pub(crate) fn session_in(&self, tenant: &TenantId) -> Option<SessionHandle> {
        let claims = &self.verified.get()?.token.claims;
        (claims.tenant == *tenant).then_some(claims.handle)
    }

    /// Notes what the response must change. `false` where the response has left already.
    pub(crate) fn change(&self, change: TokenChange) -> bool {
        let mut outcome = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
        if !outcome.sealed {
            let earlier = outcome.change.take().map_or(TokenChange::Unchanged, |earlier| *earlier);
            outcome.change = Some(Box::new(earlier.followed_by(change)));
        }
        !outcome.sealed
    }

    /// Takes what the response must change; later changes come too late.
    pub(crate) fn seal(&self) -> TokenChange {
        let mut outcome = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
        outcome.sealed = true;
        outcome.change.take().map_or(TokenChange::Unchanged, |change| *change)
    }
}

impl TokenChange {
    /// What both changes come to, in the order in which they were wanted:
    ///
    /// - A new access token leaves the refresh token that the same response brings to the same session in place.
    /// - The end of another session takes nothing from the one that was just created: who signs in anew may end the old one after.
    /// - Else the later change wins.
    fn followed_by(self, later: Self) -> Self {
        match (self, later) {
            (earlier, Self::Unchanged) => earlier,
            (
                Self::Issued { handle: same, tokens: earlier, transport: same_way, clear_other: cleared },
                Self::Issued { handle, tokens, transport, clear_other },
            ) if same == handle && same_way == transport => Self::Issued {
                handle,
                tokens: tokens.completed_by(earlier),
                transport,
                clear_other: clear_other || cleared,
            },
            (
                Self::Issued { handle, tokens, transport, clear_other },
                Self::Cleared { ended: Some(ended), clearing },
            ) if ended != handle => Self::Issued {
                handle,
                tokens,
                transport,
                clear_other: clear_other || clearing.reaches(transport.other()),
            },
            (_, later) => later,
        }
    }
}

impl Clearing {
    fn reaches(self, transport: Transport) -> bool {
        self == Self::Both || self == Self::Used(transport)
    }
}

impl Transport {
    /// The one that it is not.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Cookie => Self::Header,
            Self::Header => Self::Cookie,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    fn handle(millis: i64) -> SessionHandle {
        SessionHandle::mint(Timestamp::from_millis(millis)).unwrap()
    }

    fn issued(handle: SessionHandle) -> TokenChange {
        TokenChange::Issued { handle, tokens: SessionTokens::blank(), transport: Transport::Cookie, clear_other: false }
    }

    fn ended(handle: SessionHandle, clearing: Clearing) -> TokenChange {
        TokenChange::Cleared { ended: Some(handle), clearing }
    }

    #[test]
    fn ending_the_old_session_takes_nothing_from_the_new_one() {
        let (old, new) = (handle(1), handle(2));
        for (clearing, clears_other) in [(Clearing::Used(Transport::Cookie), false), (Clearing::Both, true)] {
            let after = issued(new).followed_by(ended(old, clearing));
            assert!(matches!(after, TokenChange::Issued { clear_other, .. } if clear_other == clears_other));
            let before = ended(old, clearing).followed_by(issued(new));
            assert!(matches!(before, TokenChange::Issued { .. }));
        }
    }

    #[test]
    fn ending_the_new_session_takes_its_tokens_back() {
        let new = handle(1);
        let after = issued(new).followed_by(ended(new, Clearing::Both));
        assert!(matches!(after, TokenChange::Cleared { .. }));
    }
}
