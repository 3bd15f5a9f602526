//! How tokens travel: reading what a request brought, writing what its response must change. The names are those that the
//! published front-end package knows (the reference, §2).

use std::borrow::Cow;

use http::header::{ACCESS_CONTROL_EXPOSE_HEADERS, AUTHORIZATION, CACHE_CONTROL, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::jar::{Jar, OUTDATED};
use super::{cookie, site};
use crate::clock::Timestamp;
use crate::config::Policy;
use crate::sessions::{Clearing, Exchange, ForgeryProof, Presented, SessionTokens, TokenChange, Transport};
use crate::token::front;

pub(super) const ACCESS: HeaderName = HeaderName::from_static("st-access-token");
pub(super) const REFRESH: HeaderName = HeaderName::from_static("st-refresh-token");
pub(super) const FRONT: HeaderName = HeaderName::from_static("front-token");
pub(super) const ANTI_CSRF: HeaderName = HeaderName::from_static("anti-csrf");
pub(super) const AUTH_MODE: HeaderName = HeaderName::from_static("st-auth-mode");
pub(super) const RECIPE: HeaderName = HeaderName::from_static("rid");

/// Reads a request's tokens, how the client wants its own, and what it shows for where it comes from if its method asks for that. Any bytes
/// will do; nothing is refused here.
pub(super) fn read<'a>(parts: &'a Parts, policy: &Policy) -> Presented<'a> {
    let safe = || ForgeryProof { safe_method: true, ..ForgeryProof::default() };
    let proof = if is_safe(&parts.method) { safe() } else { proof(parts, policy) };
    Presented { proof, ..tokens(&parts.headers, policy) }
}

/// As [`read`], and always what the request shows: a refresh asks for it whatever the method.
pub(super) fn read_with_proof<'a>(parts: &'a Parts, policy: &Policy) -> Presented<'a> {
    Presented { proof: proof(parts, policy), ..tokens(&parts.headers, policy) }
}

/// RFC 9110 §9.2.1.
fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE)
}

fn tokens<'a>(headers: &'a HeaderMap, policy: &Policy) -> Presented<'a> {
    let mut presented = Presented {
        bearer: headers.get(AUTHORIZATION).and_then(bearer).map(Cow::Borrowed),
        asked: headers.get(AUTH_MODE).and_then(asked),
        ..Presented::default()
    };
    // The names that cookies of ours have, or had: a prefix comes and goes with the cookies' domain.
    let scopes = || std::iter::once(&policy.cookies.current).chain(&policy.cookies.older);
    for (name, value) in cookie::pairs(headers) {
        if scopes().any(|scope| scope.access.as_bytes() == name) {
            cookie::keep(value, &mut presented.access_cookies);
        } else if scopes().any(|scope| scope.refresh.as_bytes() == name) {
            cookie::keep(value, &mut presented.refresh_cookies);
        } else if name == OUTDATED.as_bytes() {
            presented.outdated_cookie = true;
        }
    }
    presented
}

fn proof<'a>(parts: &'a Parts, policy: &Policy) -> ForgeryProof<'a> {
    let headers = &parts.headers;
    ForgeryProof {
        safe_method: is_safe(&parts.method),
        custom_header: headers.contains_key(RECIPE),
        anti_csrf: headers.get(ANTI_CSRF).map(|value| value.as_bytes().into()),
        site: site::proof(headers, policy),
    }
}

fn bearer(value: &HeaderValue) -> Option<&[u8]> {
    let (scheme, token) = cookie::split_at_first(value.as_bytes(), b' ')?;
    scheme.eq_ignore_ascii_case(b"bearer").then(|| token.trim_ascii())
}

fn asked(value: &HeaderValue) -> Option<Transport> {
    let value = value.as_bytes();
    let is = |mode: &str| value.eq_ignore_ascii_case(mode.as_bytes());
    if is("cookie") {
        Some(Transport::Cookie)
    } else if is("header") {
        Some(Transport::Header)
    } else {
        None
    }
}

/// Writes into a response what its exchange wants changed, and seals the exchange.
pub(super) fn write(exchange: &Exchange, headers: &mut HeaderMap) {
    let sessions = exchange.sessions();
    let jar = Jar { policy: sessions.policy(), clutter: exchange.clutter() };
    let change = exchange.seal();
    // As with nearly all requests.
    if matches!(change, TokenChange::Unchanged) && jar.is_tidy() {
        return;
    }
    let mut response = Response { headers, jar, exposed: Vec::new(), touched: false };
    match change {
        TokenChange::Unchanged => response.cookies(jar.tidy(exchange.transport())),
        TokenChange::Issued { tokens, transport, clear_other, .. } => {
            // Cleared first: an access token that is shown in a header beside its cookie stays.
            if clear_other {
                response.clear(transport.other());
            }
            response.issue(&tokens, transport, sessions.now());
            response.cookies(jar.remove_outdated());
        }
        TokenChange::Cleared { clearing, .. } => {
            response.header(FRONT, front::REMOVE);
            match clearing {
                Clearing::Used(transport) => response.clear(transport),
                Clearing::Both => {
                    response.clear(Transport::Cookie);
                    response.clear(Transport::Header);
                }
            }
            response.cookies(jar.remove_outdated());
        }
    }
    response.finish();
}

/// A response that is being written.
struct Response<'a> {
    headers: &'a mut HeaderMap,
    jar: Jar<'a>,
    exposed: Vec<HeaderName>,
    touched: bool,
}

impl Response<'_> {
    fn issue(&mut self, tokens: &SessionTokens, transport: Transport, now: Timestamp) {
        self.header(FRONT, tokens.front_token());
        match transport {
            Transport::Cookie => self.issue_cookies(tokens, now),
            Transport::Header => {
                self.header(ACCESS, tokens.access_token());
                if let Some(refresh) = tokens.refresh_token() {
                    self.header(REFRESH, refresh);
                }
            }
        }
    }

    fn issue_cookies(&mut self, tokens: &SessionTokens, now: Timestamp) {
        self.cookies(self.jar.store(tokens, now));
        if let Some(anti_csrf) = tokens.anti_csrf() {
            self.header(ANTI_CSRF, anti_csrf);
        }
        if self.jar.policy.expose_access_token {
            self.header(ACCESS, tokens.access_token());
        }
    }

    fn clear(&mut self, transport: Transport) {
        match transport {
            Transport::Cookie => self.cookies(self.jar.empty()),
            Transport::Header => {
                self.header(ACCESS, "");
                self.header(REFRESH, "");
            }
        }
    }

    fn cookies(&mut self, lines: Vec<Option<HeaderValue>>) {
        for line in lines.into_iter().flatten() {
            self.headers.append(SET_COOKIE, line);
            self.touched = true;
        }
    }

    /// Sets a header that scripts may read. Marked sensitive, so that no logging layer prints it.
    fn header(&mut self, name: HeaderName, value: &str) {
        let Ok(mut value) = HeaderValue::from_str(value) else { return };
        value.set_sensitive(true);
        self.headers.insert(name.clone(), value);
        self.exposed.push(name);
        self.touched = true;
    }

    /// Tells caches to keep out (RFC 6749 §5.1), and browsers which headers the website's scripts may read.
    fn finish(self) {
        if !self.touched {
            return;
        }
        self.headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        let mut exposed: Vec<String> = self
            .headers
            .get_all(ACCESS_CONTROL_EXPOSE_HEADERS)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|names| names.split(','))
            .map(|name| name.trim().to_owned())
            .collect();
        for name in self.exposed {
            if !exposed.iter().any(|known| known.eq_ignore_ascii_case(name.as_str())) {
                exposed.push(name.as_str().to_owned());
            }
        }
        if exposed.is_empty() {
            return;
        }
        if let Ok(names) = HeaderValue::try_from(exposed.join(", ")) {
            self.headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, names);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_bearer_token_is_what_the_plain_reader_finds(
            value in prop_oneof![
                "(Bearer|bearer|BEARER|Basic) {1,3}[ -~\t]{0,60}",
                "[ -~é]{0,20}",
            ].prop_map(String::into_bytes).boxed().prop_union(prop::collection::vec(b' '..=255, 0..20).boxed())
        ) {
            let Ok(value) = HeaderValue::from_bytes(&value) else { return Ok(()) };
            let text = String::from_utf8_lossy(value.as_bytes());
            let plain = text.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
            let found = bearer(&value).map(String::from_utf8_lossy);
            prop_assert_eq!(found.as_deref(), plain.map(|(_, token)| token.trim_matches([' ', '\t'])));
        }
    }
}
