//! What passes between the door and the desk, in neither's own words: what a request brought, and what its response must change.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::Sessions;
use super::known::KnownToken;
use super::mint::SessionTokens;
use crate::device::Device;
use crate::error::SessionError;
use crate::id::{SessionHandle, TenantId};
use crate::token::{access, refresh};

/// What a request brought that nobody has read.
static NOTHING: Presented<'_> = Presented {
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

/// What a request brought: bytes of its headers, whatever they are. Holds credentials, so it shows itself to nobody.
#[derive(Default)]
pub(crate) struct Presented<'a> {
    /// The bearer token: an access token, on the refresh route a refresh token, or somebody else's altogether.
    pub(crate) bearer: Option<Cow<'a, [u8]>>,
    pub(crate) access_cookies: CookieValues<'a>,
    pub(crate) refresh_cookies: CookieValues<'a>,
    /// The cookie `sIdRefreshToken`, which front ends of before 2023 kept and nobody reads any more.
    pub(crate) outdated_cookie: bool,
    /// How the client wants its tokens.
    pub(crate) asked: Option<Transport>,
    pub(crate) proof: ForgeryProof<'a>,
}

/// Every value of the cookies of one name, in the order of the header: there can be several, of several paths and domains. Mostly
/// there is one, which takes no list.
#[derive(Default)]
pub(crate) struct CookieValues<'a> {
    first: Option<Cow<'a, [u8]>>,
    others: Vec<Cow<'a, [u8]>>,
}

/// What a browser has that it should not: to be removed by a response.
#[derive(Clone, Copy, Default)]
pub(crate) struct Clutter {
    /// Several access cookies.
    pub(crate) access: bool,
    /// Several refresh cookies.
    pub(crate) refresh: bool,
    /// [`Presented::outdated_cookie`].
    pub(crate) outdated: bool,
}

/// By which transports a client has tokens of ours, and by which it wants them.
#[derive(Clone, Copy, Default)]
pub(crate) struct Ways {
    pub(super) header: bool,
    pub(super) cookies: bool,
    /// [`Presented::asked`].
    pub(super) asked: Option<Transport>,
}

/// What a request shows for having been sent by the website.
#[derive(Default)]
pub(crate) struct ForgeryProof<'a> {
    /// The method changes nothing, so there is nothing to forge.
    pub(crate) safe_method: bool,
    /// The custom header is there.
    pub(crate) custom_header: bool,
    /// The value of the anti-CSRF header.
    pub(crate) anti_csrf: Option<Cow<'a, [u8]>>,
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
        self.presented.get().map_or(&NOTHING, Box::as_ref)
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

impl Presented<'_> {
    /// The same, to be kept.
    fn into_owned(self) -> Presented<'static> {
        let Self { bearer, access_cookies, refresh_cookies, outdated_cookie, asked, proof } = self;
        Presented {
            bearer: bearer.map(owned),
            access_cookies: access_cookies.into_owned(),
            refresh_cookies: refresh_cookies.into_owned(),
            outdated_cookie,
            asked,
            proof: ForgeryProof {
                safe_method: proof.safe_method,
                custom_header: proof.custom_header,
                anti_csrf: proof.anti_csrf.map(owned),
                site: proof.site,
            },
        }
    }

    /// Of a request whose session came so, if it is known.
    pub(super) fn ways(&self, came: Option<Transport>) -> Ways {
        Ways {
            header: came == Some(Transport::Header) || self.bearer.as_deref().is_some_and(is_ours),
            cookies: !self.access_cookies.is_empty() || !self.refresh_cookies.is_empty(),
            asked: self.asked,
        }
    }

    pub(crate) const fn clutter(&self) -> Clutter {
        Clutter {
            access: self.access_cookies.are_several(),
            refresh: self.refresh_cookies.are_several(),
            outdated: self.outdated_cookie,
        }
    }
}

/// Whether a bearer token is one of ours at all.
fn is_ours(token: &[u8]) -> bool {
    access::has_our_shape(token) || refresh::has_our_shape(token)
}

impl Ways {
    /// Whether the client has tokens by the transport that is not this one.
    pub(super) const fn has_other(self, transport: Transport) -> bool {
        match transport {
            Transport::Cookie => self.header,
            Transport::Header => self.cookies,
        }
    }
}

impl Clutter {
    const fn is_any(self) -> bool {
        self.access || self.refresh || self.outdated
    }
}

fn owned(bytes: Cow<'_, [u8]>) -> Cow<'static, [u8]> {
    Cow::Owned(bytes.into_owned())
}

impl<'a> CookieValues<'a> {
    const NONE: Self = Self { first: None, others: Vec::new() };

    pub(crate) fn push(&mut self, value: Cow<'a, [u8]>) {
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

    const fn are_several(&self) -> bool {
        !self.others.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.first.iter().chain(&self.others).map(AsRef::as_ref)
    }

    fn into_owned(self) -> CookieValues<'static> {
        CookieValues { first: self.first.map(owned), others: self.others.into_iter().map(owned).collect() }
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
