//! What passes between the door and the desk, in neither's own words: what a request brought, and what its response must change.

use std::iter::Chain;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::{option, slice};

use super::Sessions;
use super::known::KnownToken;
use super::mint::SessionTokens;
use crate::device::Device;
use crate::error::SessionError;
use crate::id::{SessionHandle, TenantId};

/// What a request brought that nobody has read.
static NOTHING: Presented = Presented {
    bearer: None,
    access_cookies: CookieValues::NONE,
    refresh_cookies: CookieValues::NONE,
    outdated_cookie: false,
    asked: None,
    proof: ForgeryProof { safe_method: false, custom_header: false, anti_csrf: None, site: SiteProof::Silent },
};

/// How a token travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Cookie,
    Header,
}

/// What a request brought. Holds credentials, so it shows itself to nobody.
#[derive(Default)]
pub(crate) struct Presented {
    /// The bearer token: an access token, on the refresh route a refresh token, or somebody else's altogether.
    pub(crate) bearer: Option<String>,
    pub(crate) access_cookies: CookieValues,
    pub(crate) refresh_cookies: CookieValues,
    /// The cookie `sIdRefreshToken`, which front ends of before 2023 kept and nobody reads any more.
    pub(crate) outdated_cookie: bool,
    /// How the client wants its tokens.
    pub(crate) asked: Option<Transport>,
    pub(crate) proof: ForgeryProof,
}

/// Every value of the cookies of one name, in the order of the header: there can be several, of several paths and domains. Mostly
/// there is one, which takes no list.
#[derive(Default)]
pub(crate) struct CookieValues {
    first: Option<String>,
    others: Vec<String>,
}

/// What a request shows for having been sent by the website.
#[derive(Default)]
pub(crate) struct ForgeryProof {
    /// The method changes nothing, so there is nothing to forge.
    pub(crate) safe_method: bool,
    /// The custom header is there.
    pub(crate) custom_header: bool,
    /// The value of the anti-CSRF header.
    pub(crate) anti_csrf: Option<String>,
    pub(crate) site: SiteProof,
}

/// What the browser says of where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum SiteProof {
    /// Nothing: it is no browser, or a very old one.
    #[default]
    Silent,
    /// From the API's own origin, or from one of the websites, or typed by the user.
    Ours,
    /// From somewhere else.
    Foreign,
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
    presented: OnceLock<Presented>,
    /// As above, with its proof: read where a handler may refresh, whatever the method.
    proven: OnceLock<Box<Presented>>,
    device: OnceLock<Box<Device>>,
    verified: OnceLock<Verified>,
    /// The database has said that the session is there.
    confirmed: AtomicBool,
    outcome: Mutex<Outcome>,
}

/// The access token that was accepted, and how it came.
#[derive(Clone)]
pub(crate) struct Verified {
    pub(crate) token: Arc<KnownToken>,
    pub(crate) transport: Transport,
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
            proven: OnceLock::new(),
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

    /// What the request brought: read once, and only for routes that ask.
    pub(crate) fn present(&self, read: impl FnOnce() -> Presented) {
        if self.proven.get().is_none() {
            self.presented.get_or_init(read);
        }
    }

    /// As [`present`](Self::present), with the proof, which may not have been read before.
    pub(crate) fn prove(&self, read: impl FnOnce() -> Presented) {
        self.proven.get_or_init(|| Box::new(read()));
    }

    /// What the request brought; nothing where nobody asked.
    pub(crate) fn presented(&self) -> &Presented {
        self.proven.get().map(Box::as_ref).or(self.presented.get()).unwrap_or(&NOTHING)
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

impl CookieValues {
    const NONE: Self = Self { first: None, others: Vec::new() };

    pub(crate) fn push(&mut self, value: String) {
        match self.first {
            None => self.first = Some(value),
            Some(_) => self.others.push(value),
        }
    }

    pub(crate) fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.others.len()
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    pub(crate) fn iter(&self) -> <&Self as IntoIterator>::IntoIter {
        self.into_iter()
    }
}

impl<'a> IntoIterator for &'a CookieValues {
    type Item = &'a String;
    type IntoIter = Chain<option::Iter<'a, String>, slice::Iter<'a, String>>;

    fn into_iter(self) -> Self::IntoIter {
        self.first.iter().chain(&self.others)
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
