//! Cookies: read by exact name, written with all their attributes.

use std::borrow::Cow;
use std::time::Duration;

use ::cookie::{Cookie, SameSite as Attribute};
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use percent_encoding::percent_decode_str;
use time::OffsetDateTime;

use crate::clock::Timestamp;
use crate::config::{Policy, SameSite};

/// More cookies of one name than a browser would keep for sane reasons; the rest is not looked at.
const MOST: usize = 8;

/// Every value of the cookie `name`, in the order of the request. The name is compared exactly: servers must tell
/// `__HOST-` from `__Host-`, since browsers only guard the latter (6265bis §8.6).
pub(super) fn values(headers: &HeaderMap, name: &str) -> Vec<String> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(found, value)| *found == name && !value.is_empty())
        .filter_map(|(_, value)| percent_decode_str(value).decode_utf8().ok().map(Cow::into_owned))
        .take(MOST)
        .collect()
}

/// A cookie of ours, with name and path.
pub(super) struct Ours<'a> {
    pub(super) name: &'a str,
    pub(super) path: &'a str,
}

impl Ours<'_> {
    /// The line that stores it.
    pub(super) fn set(&self, value: &str, expires_at: Timestamp, policy: &Policy) -> Option<HeaderValue> {
        self.line(value, expires_at, policy)
    }

    /// The line that removes it: same name, path, domain and prefix attributes, no value, long expired (6265bis §5.7).
    pub(super) fn remove(&self, policy: &Policy) -> Option<HeaderValue> {
        self.line("", Timestamp::from_millis(0), policy)
    }

    fn line(&self, value: &str, expires_at: Timestamp, policy: &Policy) -> Option<HeaderValue> {
        let mut cookie = Cookie::build((self.name, value))
            .path(self.path)
            .expires(OffsetDateTime::from_unix_timestamp(expires_at.as_secs()).ok())
            // Scripts have no business with it (ASVS 3.3.4).
            .http_only(true)
            .secure(policy.api.is_https())
            // Always explicit: absent is "Lax, but not for two minutes" (6265bis §5.6.7.2).
            .same_site(match policy.same_site {
                SameSite::Strict => Attribute::Strict,
                SameSite::Lax => Attribute::Lax,
                SameSite::None => Attribute::None,
            });
        if let Some(domain) = &policy.cookie_domain {
            cookie = cookie.domain(domain.as_str());
        }
        let mut line = HeaderValue::try_from(cookie.build().to_string()).ok()?;
        line.set_sensitive(true);
        Some(line)
    }
}

/// The access cookie outlives its token, so that an expired token still answers "try refresh" and not "unauthorised".
pub(super) fn access_cookie_lifetime(policy: &Policy) -> Duration {
    policy.absolute_timeout
}
