//! Cookies: read by exact name, written with all their attributes.

use ::cookie::{Cookie, SameSite as Attribute};
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use percent_encoding::percent_decode;
use time::OffsetDateTime;

use crate::clock::Timestamp;
use crate::config::{Policy, SameSite};

/// More cookies of one name than a browser would keep for sane reasons; the rest is not looked at.
const MOST: usize = 8;

/// Longer than any value that a browser keeps, percent-encoding included.
const LONGEST: usize = 4096;

/// Every value of the cookies of these names, in the order of the request. Other people's cookies may hold any bytes at all
/// and disturb nothing, and those of ours that are empty or oversized count as absent.
pub(super) fn values(headers: &HeaderMap, names: &[&str]) -> Vec<String> {
    pairs(headers)
        // Exactly: servers must tell `__HOST-` from `__Host-`, since browsers only guard the latter (6265bis §8.6).
        .filter(|(found, value)| names.contains(found) && !value.is_empty() && value.len() <= LONGEST)
        .map(|(_, value)| percent_decode(value).decode_utf8_lossy().into_owned())
        .take(MOST)
        .collect()
}

/// Whether there is a cookie of this name.
pub(super) fn is_there(headers: &HeaderMap, name: &str) -> bool {
    pairs(headers).any(|(found, _)| found == name)
}

fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&str, &[u8])> {
    let pairs = headers.get_all(COOKIE).iter().flat_map(|header| header.as_bytes().split(|byte| *byte == b';'));
    pairs.filter_map(|pair| {
        let pair = pair.trim_ascii();
        let (name, value) = pair.split_at_checked(pair.iter().position(|byte| *byte == b'=')?)?;
        Some((std::str::from_utf8(name).ok()?, value.get(1..)?))
    })
}

/// A cookie of ours: what tells it from all others in a browser.
#[derive(Clone, Copy)]
pub(super) struct Ours<'a> {
    pub(super) name: &'a str,
    pub(super) path: &'a str,
    pub(super) domain: Option<&'a str>,
}

impl Ours<'_> {
    /// The line that stores it; without a time, until the browser is closed.
    pub(super) fn set(self, value: &str, expires_at: Option<Timestamp>, policy: &Policy) -> Option<HeaderValue> {
        let mut cookie = Cookie::build((self.name, value))
            .path(self.path)
            // Scripts have no business with it (ASVS 3.3.4).
            .http_only(true)
            .secure(policy.api.is_https())
            // Always explicit: absent is "Lax, but not for two minutes" (6265bis §5.6.7.2).
            .same_site(match policy.same_site {
                SameSite::Strict => Attribute::Strict,
                SameSite::Lax => Attribute::Lax,
                SameSite::None => Attribute::None,
            });
        if let Some(expires_at) = expires_at {
            cookie = cookie.expires(OffsetDateTime::from_unix_timestamp(expires_at.as_secs()).ok());
        }
        if let Some(domain) = self.domain {
            cookie = cookie.domain(domain);
        }
        let mut line = HeaderValue::try_from(cookie.build().to_string()).ok()?;
        line.set_sensitive(true);
        Some(line)
    }

    /// The line that removes it: same name, path, domain and prefix attributes, no value, long expired (6265bis §5.7).
    pub(super) fn remove(self, policy: &Policy) -> Option<HeaderValue> {
        self.set("", Some(Timestamp::from_millis(0)), policy)
    }
}
