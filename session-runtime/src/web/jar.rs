//! The cookies of ours that a browser may have: which to store, and which to remove.
//!
//! A browser keeps cookies of one name side by side when they differ in domain, so a change of the cookies' domain leaves the earlier
//! ones there, and sends both. What opens is used; here the others are removed, in the same response.

use http::HeaderValue;

use super::cookie::Ours;
use crate::clock::Timestamp;
use crate::config::{CookieLifetime, CookieScope, Policy};
use crate::sessions::{Clutter, SessionTokens, Transport};

/// What front ends of before 2023 kept beside the two; it stood in the way of refreshes.
pub(super) const OUTDATED: &str = "sIdRefreshToken";

const ACCESS_PATH: &str = "/";

/// The jar of the browser that sent a request, as far as a server can know it.
#[derive(Clone, Copy)]
pub(super) struct Jar<'a> {
    pub(super) policy: &'a Policy,
    pub(super) clutter: Clutter,
}

impl Jar<'_> {
    /// Stores new tokens, and removes what could be mistaken for them. What is stored comes last: where a browser takes two
    /// scopes for one, it is what stays.
    pub(super) fn store(self, tokens: &SessionTokens, now: Timestamp) -> Vec<Option<HeaderValue>> {
        let path = self.policy.refresh_cookie_path();
        let current = &self.policy.cookies.current;
        let expires = |at: Timestamp| (tokens.cookie_lifetime() == CookieLifetime::Persistent).then_some(at);
        let mut lines = self.remove_access(self.others(self.clutter.access));
        // The access cookie outlives its token, so that an expired token still answers "try refresh" and not "unauthorised".
        let outlives = now.after(self.policy.absolute_timeout);
        lines.push(access(current).set(tokens.access_token(), expires(outlives), self.policy));
        if let Some((token, expires_at)) = tokens.refresh_token().zip(tokens.refresh_expires_at()) {
            lines.extend(self.remove_refresh(self.others(self.clutter.refresh)));
            lines.push(refresh(current, &path).set(token, expires(expires_at), self.policy));
        }
        lines
    }

    /// Removes both tokens, wherever they may be.
    pub(super) fn empty(self) -> Vec<Option<HeaderValue>> {
        let mut lines = self.remove_access(self.others(self.clutter.access));
        lines.extend(self.remove_refresh(self.others(self.clutter.refresh)));
        let current = std::slice::from_ref(&self.policy.cookies.current).iter();
        lines.extend(self.remove_access(current.clone()));
        lines.extend(self.remove_refresh(current));
        lines
    }

    /// What can be put right in a response that changes no token: the twins of an access cookie that was accepted, and the
    /// outdated cookie.
    pub(super) fn tidy(self, accepted: Option<Transport>) -> Vec<Option<HeaderValue>> {
        let mut lines = Vec::new();
        if accepted == Some(Transport::Cookie) && self.clutter.access {
            lines.extend(self.remove_access(self.others(true)));
        }
        lines.extend(self.remove_outdated());
        lines
    }

    /// Removes the outdated cookie, if there is one.
    pub(super) fn remove_outdated(self) -> Vec<Option<HeaderValue>> {
        if !self.clutter.outdated {
            return Vec::new();
        }
        let current = &self.policy.cookies.current;
        let mut domains: Vec<Option<&str>> =
            self.others(true).chain([current]).map(|scope| scope.domain.as_deref()).collect();
        domains.dedup();
        let outdated = |domain| Ours { name: OUTDATED, path: ACCESS_PATH, domain };
        domains.into_iter().map(|domain| outdated(domain).remove(self.policy)).collect()
    }

    /// Whether nothing but new tokens would change it.
    pub(super) fn is_tidy(self) -> bool {
        !self.clutter.access && !self.clutter.outdated
    }

    /// The scopes beside the current one; twins only where one was seen, since nobody configured them.
    fn others<'a>(self, twins: bool) -> impl Iterator<Item = &'a CookieScope>
    where
        Self: 'a,
    {
        let cookies = &self.policy.cookies;
        cookies.older.iter().chain(cookies.twins.iter().filter(move |_| twins))
    }

    fn remove_access<'s>(self, scopes: impl Iterator<Item = &'s CookieScope>) -> Vec<Option<HeaderValue>> {
        scopes.map(|scope| access(scope).remove(self.policy)).collect()
    }

    fn remove_refresh<'s>(self, scopes: impl Iterator<Item = &'s CookieScope>) -> Vec<Option<HeaderValue>> {
        let path = self.policy.refresh_cookie_path();
        scopes.map(|scope| refresh(scope, &path).remove(self.policy)).collect()
    }
}

fn access(scope: &CookieScope) -> Ours<'_> {
    Ours { name: &scope.access, path: ACCESS_PATH, domain: scope.domain.as_deref() }
}

fn refresh<'a>(scope: &'a CookieScope, path: &'a str) -> Ours<'a> {
    Ours { name: &scope.refresh, path, domain: scope.domain.as_deref() }
}
