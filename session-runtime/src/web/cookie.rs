//! Cookies: read by exact name, written with all their attributes.

use std::borrow::Cow;

use ::cookie::{Cookie, SameSite as Attribute};
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use memchr::memchr;
use percent_encoding::percent_decode;
use time::OffsetDateTime;

use crate::clock::Timestamp;
use crate::config::{Policy, SameSite};
use crate::sessions::CookieValues;

/// More cookies of one name than a browser would keep for sane reasons; the rest is not looked at.
const MOST: usize = 8;

/// Longer than any value that a browser keeps, percent-encoding included.
const LONGEST: usize = 4096;

/// Every cookie of a request, in its order: name and value. Other people's may hold any bytes at all and disturb nothing.
///
/// Names are to be compared exactly: servers must tell `__HOST-` from `__Host-`, since browsers only guard the latter (6265bis §8.6).
pub(super) fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&[u8], &[u8])> {
    let pairs = headers.get_all(COOKIE).iter().flat_map(|header| Parts { rest: Some(header.as_bytes()) });
    pairs.filter_map(|pair| split_at_first(pair.trim_ascii(), b'='))
}

/// Keeps the value of a cookie of ours. One that is empty or oversized counts as absent.
pub(super) fn keep<'a>(value: &'a [u8], values: &mut CookieValues<'a>) {
    if !value.is_empty() && value.len() <= LONGEST && values.len() < MOST {
        values.push(decoded(value));
    }
}

fn decoded(value: &[u8]) -> Cow<'_, [u8]> {
    match memchr(b'%', value) {
        None => value.into(),
        Some(_) => percent_decode(value).into(),
    }
}

/// What stands between the semicolons of a header.
struct Parts<'a> {
    rest: Option<&'a [u8]>,
}

impl<'a> Iterator for Parts<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest?;
        let (part, rest) = split_at_first(rest, b';').map_or((rest, None), |(part, rest)| (part, Some(rest)));
        self.rest = rest;
        Some(part)
    }
}

/// What stands before and after the first such byte.
pub(super) fn split_at_first(bytes: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let (before, after) = bytes.split_at_checked(memchr(byte, bytes)?)?;
    Some((before, after.get(1..)?))
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The values of one cookie, read in the plain way.
    fn plainly(headers: &HeaderMap, name: &str) -> Vec<Vec<u8>> {
        let parts = headers.get_all(COOKIE).iter().flat_map(|header| header.as_bytes().split(|byte| *byte == b';'));
        let pairs = parts.filter_map(|part| {
            let part = part.trim_ascii();
            let (name, value) = part.split_at(part.iter().position(|byte| *byte == b'=')?);
            Some((name, &value[1..]))
        });
        pairs
            .filter(|(found, value)| *found == name.as_bytes() && !value.is_empty() && value.len() <= LONGEST)
            .map(|(_, value)| percent_decode(value).collect())
            .take(MOST)
            .collect()
    }

    fn scanned(headers: &HeaderMap, name: &str) -> Vec<Vec<u8>> {
        let mut values = CookieValues::default();
        pairs(headers).filter(|(found, _)| *found == name.as_bytes()).for_each(|(_, value)| keep(value, &mut values));
        values.iter().map(<[u8]>::to_vec).collect()
    }

    fn of(lines: impl IntoIterator<Item = Vec<u8>>) -> HeaderMap {
        lines.into_iter().filter_map(|line| Some((COOKIE, HeaderValue::from_bytes(&line).ok()?))).collect()
    }

    fn lines() -> impl Strategy<Value = Vec<Vec<u8>>> {
        let value = prop_oneof!["[a-z=%25 ]{0,9}", "[A-Za-z0-9_.-]{30,80}", "[ -~é;]{0,40}", "x{4094,4098}"];
        let pair = ("(our|our |theirs|OUR|)", "(=|)", value).prop_map(|(name, equals, value)| name + &equals + &value);
        let text = prop::collection::vec(pair, 0..12).prop_map(|pairs| pairs.join("; ").into_bytes());
        prop::collection::vec(prop_oneof![text, prop::collection::vec(b' '..=255, 0..60)], 0..4)
    }

    proptest! {
        #[test]
        fn cookies_are_what_the_plain_reader_finds(lines in lines()) {
            let headers = of(lines);
            prop_assert_eq!(scanned(&headers, "our"), plainly(&headers, "our"));
        }
    }

    #[test]
    fn eight_of_one_name_are_looked_at_and_none_that_is_too_long() {
        let many = of((0..12).map(|number| format!("our={number}; our=; our={}", "x".repeat(4097)).into_bytes()));
        assert_eq!(scanned(&many, "our"), [b"0", b"1", b"2", b"3", b"4", b"5", b"6", b"7"]);
        let odd = of([b"our=a%62%ff; our; our=\"c\"; =d; our=e=f".to_vec()]);
        assert_eq!(scanned(&odd, "our"), [b"ab\xff", &b"\"c\""[..], b"e=f"]);
    }
}
