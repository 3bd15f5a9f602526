//! Where a request comes from, as far as it can be believed: the connection's address, or what trusted proxies wrote.
//!
//! Forwarding headers grow on their right, so they are read from there, and no further than proxies of ours wrote them. What stands to
//! the left is anybody's text: it is looked at only when the policy trusts who passed it on, for 32 addresses, and is never an error.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::extract::connect_info::MockConnectInfo;
use http::header::{FORWARDED, USER_AGENT};
use http::request::Parts;
use http::{Extensions, HeaderMap, HeaderName};

use crate::config::{ForwardingHeader, Network, Policy, Proxies, Trust};
use crate::device::Device;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// How many addresses of a header are looked at: more proxies than anybody has.
const MOST_HOPS: usize = 32;

/// The longest line of `Forwarded` that is read, in bytes. It has to be read from its beginning, for its quotes.
const LONGEST_LINE: usize = 4096;

/// What a request says of the device that it comes from.
pub(super) fn device(parts: &Parts, policy: &Policy) -> Device {
    let user_agent = parts.headers.get(USER_AGENT).map(|value| value.as_bytes());
    Device {
        label: None,
        user_agent: user_agent.and_then(Device::user_agent_of),
        address: client(connected(&parts.extensions), &parts.headers, &policy.proxies),
    }
}

/// The other end of the connection, where the application serves with `into_make_service_with_connect_info`.
fn connected(extensions: &Extensions) -> Option<IpAddr> {
    let connected = extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer);
    let peer = connected.or_else(|| extensions.get::<MockConnectInfo<SocketAddr>>().map(|MockConnectInfo(peer)| peer));
    peer.map(|peer| peer.ip().to_canonical())
}

/// The client's address, by the word of those whom the policy trusts.
fn client(peer: Option<IpAddr>, headers: &HeaderMap, proxies: &Proxies) -> Option<IpAddr> {
    match &proxies.trust {
        Trust::Nobody => peer,
        Trust::Networks(networks) => nearest_stranger(peer?, networks, headers, proxies.header),
        // The nearest address is what the nearest proxy saw, and so on.
        Trust::Hops(count) => *nodes(headers, proxies.header).get(count - 1)?,
    }
}

/// The nearest address that is not a trusted one; the farthest trusted one where there is no other. Nothing where a trusted one
/// says that it does not know, or says what cannot be read.
fn nearest_stranger(
    peer: IpAddr,
    networks: &[Network],
    headers: &HeaderMap,
    header: ForwardingHeader,
) -> Option<IpAddr> {
    let is_trusted = |address| networks.iter().any(|network| network.contains(address));
    if !is_trusted(peer) {
        return Some(peer);
    }
    let mut farthest = peer;
    for node in nodes(headers, header) {
        farthest = node?;
        if !is_trusted(farthest) {
            break;
        }
    }
    Some(farthest)
}

/// The addresses in a forwarding header, the nearest first; nothing stands for what is none.
fn nodes(headers: &HeaderMap, header: ForwardingHeader) -> Vec<Option<IpAddr>> {
    let nearest = |name: HeaderName| headers.get_all(name).into_iter().rev().map(|line| line.as_bytes());
    match header {
        ForwardingHeader::XForwardedFor => nearest(X_FORWARDED_FOR)
            .flat_map(|line| line.rsplit(|byte| *byte == b','))
            .map(<[u8]>::trim_ascii)
            // RFC 9110 §5.6.1.2.
            .filter(|node| !node.is_empty())
            .map(|node| std::str::from_utf8(node).ok().and_then(address))
            .take(MOST_HOPS)
            .collect(),
        // Who leaves a quote open cannot hide what the next proxy adds: a line that is not well formed says nothing at all.
        ForwardingHeader::Forwarded => nearest(FORWARDED)
            .flat_map(|line| forwarded(line).unwrap_or_else(|| vec![None]).into_iter().rev())
            .map(|node| node.and_then(address))
            .take(MOST_HOPS)
            .collect(),
    }
}

/// The `for` of each element of a line (RFC 7239 §4), in the line's order. Nothing where it is not well formed, or has a backslash,
/// which nobody needs.
fn forwarded(line: &[u8]) -> Option<Vec<Option<&str>>> {
    let line = std::str::from_utf8(line).ok().filter(|line| line.len() <= LONGEST_LINE && !line.contains('\\'))?;
    split(line, ',')?.into_iter().filter(|element| !element.trim().is_empty()).map(forwarded_for).collect()
}

fn forwarded_for(element: &str) -> Option<Option<&str>> {
    let mut found = None;
    for pair in split(element, ';')?.into_iter().map(str::trim).filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=')?;
        let value = unquoted(value)?;
        if name.eq_ignore_ascii_case("for") && found.replace(value).is_some() {
            return None;
        }
    }
    Some(found)
}

/// Splits where the separator is not within quotes; nothing where a quote stays open.
fn split(text: &str, separator: char) -> Option<Vec<&str>> {
    let mut is_quoted = false;
    let parts = text.split(|c| {
        is_quoted ^= c == '"';
        c == separator && !is_quoted
    });
    let parts = parts.collect();
    (!is_quoted).then_some(parts)
}

fn unquoted(value: &str) -> Option<&str> {
    let inside = match value.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"')?,
        None => value,
    };
    (!inside.contains('"')).then_some(inside)
}

/// An address, with a port or without, an IPv6 one with brackets or without. `unknown` and made-up names (RFC 7239 §6.2, §6.3) are none.
fn address(node: &str) -> Option<IpAddr> {
    let bare = node.strip_prefix('[').and_then(|node| node.strip_suffix(']')).unwrap_or(node);
    let address = bare.parse().ok().or_else(|| Some(node.parse::<SocketAddr>().ok()?.ip()))?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::TrustedProxies;

    const TRUSTED: [&str; 2] = ["10.0.0.0/8", "2001:db8:7::/48"];

    fn client_of(header: &'static str, lines: &[&str], proxies: TrustedProxies, peer: &str) -> Option<String> {
        let policy = Policy::for_api("https://a.example").trusted_proxies(proxies).build().expect("a policy");
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header, line.parse().expect("a header's value"));
        }
        client(peer.parse().ok(), &headers, &policy.proxies).map(|address| address.to_string())
    }

    #[track_caller]
    fn assert_x_forwarded_for(lines: &[&str], expected: Option<&str>) {
        let found = client_of("x-forwarded-for", lines, TrustedProxies::networks(TRUSTED), "10.0.0.1");
        assert_eq!(found.as_deref(), expected, "{lines:?}");
    }

    #[track_caller]
    fn assert_forwarded(lines: &[&str], expected: Option<&str>) {
        let proxies = TrustedProxies::networks(TRUSTED).writing(ForwardingHeader::Forwarded);
        let found = client_of("forwarded", lines, proxies, "10.0.0.1");
        assert_eq!(found.as_deref(), expected, "{lines:?}");
    }

    #[test]
    fn the_nearest_stranger_is_the_client() {
        assert_x_forwarded_for(&[], Some("10.0.0.1"));
        assert_x_forwarded_for(&[""], Some("10.0.0.1"));
        assert_x_forwarded_for(&["192.0.2.9"], Some("192.0.2.9"));
        assert_x_forwarded_for(&["192.0.2.9, 10.0.0.2,10.0.0.3"], Some("192.0.2.9"));
        assert_x_forwarded_for(&["192.0.2.9", "10.0.0.2"], Some("192.0.2.9"));
        assert_x_forwarded_for(&["1.1.1.1, 192.0.2.9, 10.0.0.2"], Some("192.0.2.9"));
        assert_x_forwarded_for(&["garbage, 192.0.2.9"], Some("192.0.2.9"));
        assert_x_forwarded_for(&["10.0.0.9, 10.0.0.2"], Some("10.0.0.9"));
        assert_x_forwarded_for(&["192.0.2.9,, "], Some("192.0.2.9"));
    }

    #[test]
    fn addresses_have_many_forms() {
        for (node, expected) in [
            ("192.0.2.9:4711", Some("192.0.2.9")),
            ("2001:db8::9", Some("2001:db8::9")),
            ("[2001:db8::9]", Some("2001:db8::9")),
            ("[2001:DB8::9]:4711", Some("2001:db8::9")),
            ("::ffff:192.0.2.9", Some("192.0.2.9")),
            ("unknown", None),
            ("_hidden", None),
            ("192.0.2", None),
            ("192.0.2.9:99999", None),
            ("[2001:db8::9", None),
            ("' OR 1=1 --", None),
        ] {
            assert_x_forwarded_for(&[node], expected);
            assert_forwarded(&[&format!("for=\"{node}\"")], expected);
        }
    }

    #[test]
    fn forwarded_is_read_as_its_standard_says() {
        assert_forwarded(&["for=192.0.2.9;proto=https;by=10.0.0.2"], Some("192.0.2.9"));
        assert_forwarded(&["For=1.1.1.1, for=192.0.2.9, FOR=\"[2001:db8:7::1]:80\""], Some("192.0.2.9"));
        assert_forwarded(&["for=192.0.2.9", "for=10.0.0.2"], Some("192.0.2.9"));
        assert_forwarded(&["for=192.0.2.9, proto=https"], None);
        assert_forwarded(&["for=192.0.2.9;for=1.1.1.1"], None);
        assert_forwarded(&["nonsense"], None);
    }

    #[test]
    fn nobody_hides_in_quotes() {
        assert_forwarded(&["for=1.1.1.1;by=\", for=192.0.2.9"], None);
        assert_forwarded(&["for=1.1.1.1;by=\", for=192.0.2.9;host=\"x,for=2.2.2.2;y=\""], None);
        assert_forwarded(&["for=192.0.2.9;host=\"x,for=1.1.1.1;y=z\""], Some("192.0.2.9"));
        assert_forwarded(&["for=1.1.1.1;by=\"\\", "for=192.0.2.9"], Some("192.0.2.9"));
        assert_forwarded(&["for=192.0.2.9;host=\"a\\\"\""], None);
    }

    #[test]
    fn a_stranger_is_not_asked_where_it_comes_from() {
        for proxies in [TrustedProxies::none(), TrustedProxies::networks(TRUSTED)] {
            let found = client_of("x-forwarded-for", &["1.1.1.1"], proxies, "192.0.2.9");
            assert_eq!(found.as_deref(), Some("192.0.2.9"));
        }
        let other_header = client_of("forwarded", &["for=1.1.1.1"], TrustedProxies::networks(TRUSTED), "10.0.0.1");
        assert_eq!(other_header.as_deref(), Some("10.0.0.1"), "the proxies write another");
    }

    #[test]
    fn hops_are_counted_from_the_nearest() {
        for (lines, hops, expected) in [
            (&["1.1.1.1, 192.0.2.9"][..], 1, Some("192.0.2.9")),
            (&["1.1.1.1, 192.0.2.9, 10.0.0.2"], 2, Some("192.0.2.9")),
            (&["192.0.2.9"], 2, None),
            (&["unknown"], 1, None),
            (&[], 1, None),
        ] {
            let found = client_of("x-forwarded-for", lines, TrustedProxies::hops(hops), "10.0.0.1");
            assert_eq!(found.as_deref(), expected, "{lines:?} over {hops}");
            assert_eq!(
                client_of("x-forwarded-for", lines, TrustedProxies::hops(hops), "a socket").as_deref(),
                expected
            );
        }
    }

    #[test]
    fn ten_thousand_entries_are_no_work() {
        let trusted = vec!["10.0.0.9"; 10_000].join(",");
        assert_x_forwarded_for(&[&trusted], Some("10.0.0.9"));
        assert_x_forwarded_for(&[&format!("{trusted},192.0.2.9")], Some("192.0.2.9"));
        let quoted = vec!["for=10.0.0.9"; 10_000].join(",");
        assert_forwarded(&[&quoted], None);
        assert_forwarded(&[&quoted, "for=192.0.2.9"], Some("192.0.2.9"));
    }
}
