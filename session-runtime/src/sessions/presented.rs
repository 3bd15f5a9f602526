//! What a request brought, as bytes of its headers, and what is kept of it.

use std::borrow::Cow;

use super::exchange::Transport;
use crate::token::{access, refresh};

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

impl Presented<'static> {
    /// Of a request that nobody has read.
    pub(super) const NOTHING: &'static Self = &Self {
        bearer: None,
        access_cookies: CookieValues::NONE,
        refresh_cookies: CookieValues::NONE,
        outdated_cookie: false,
        asked: None,
        proof: ForgeryProof { safe_method: false, custom_header: false, anti_csrf: None, site: SiteProof::Silent },
    };
}

impl Presented<'_> {
    /// The same, to be kept.
    pub(super) fn into_owned(self) -> Presented<'static> {
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
    pub(super) const fn is_any(self) -> bool {
        self.access || self.refresh || self.outdated
    }
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

/// Whether a bearer token is one of ours at all.
fn is_ours(token: &[u8]) -> bool {
    access::has_our_shape(token) || refresh::has_our_shape(token)
}

fn owned(bytes: Cow<'_, [u8]>) -> Cow<'static, [u8]> {
    Cow::Owned(bytes.into_owned())
}
