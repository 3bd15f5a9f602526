//! Origins and sites: scheme, host and port of the API and of the website, and whether two of them are one site.

use std::fmt;

/// Where something is served from, as RFC 6454 has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    scheme: Scheme,
    host: Box<str>,
    port: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

impl Scheme {
    const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

impl Origin {
    /// Reads `scheme://host` or `scheme://host:port`; a slash at the end is forgiven, anything more is not.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let scheme = match scheme {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return None,
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = split_port(authority)?;
        let port = match port {
            Some(port) => port.parse().ok()?,
            None => scheme.default_port(),
        };
        is_host(host).then(|| Self { scheme, host: host.to_ascii_lowercase().into(), port })
    }

    pub(crate) fn is_https(&self) -> bool {
        self.scheme == Scheme::Https
    }

    /// Whether its host is `domain`, or below it: what a browser asks of a cookie's domain (6265bis §5.1.3).
    pub(crate) fn is_within(&self, domain: &str) -> bool {
        self.host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }

    /// One scheme and one registrable domain: what a browser calls the same site (6265bis §5.2, schemeful).
    pub(crate) fn is_same_site(&self, other: &Self) -> bool {
        self.scheme == other.scheme && self.site() == other.site()
    }

    /// The registrable domain by the public-suffix list. This machine and bare addresses count as one site, since
    /// development moves between `localhost` and `127.0.0.1`; a host that is a suffix itself is taken whole.
    fn site(&self) -> &str {
        let host = self.host.trim_end_matches('.');
        if host == "localhost" || host.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok() {
            return "localhost";
        }
        psl::domain_str(host).unwrap_or(host)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.as_str(), self.host)?;
        if self.port == self.scheme.default_port() { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

/// An IPv6 address has colons of its own, inside brackets.
fn split_port(authority: &str) -> Option<(&str, Option<&str>)> {
    if authority.starts_with('[') {
        let (host, rest) = authority.split_at_checked(authority.find(']')? + 1)?;
        return if rest.is_empty() { Some((host, None)) } else { Some((host, Some(rest.strip_prefix(':')?))) };
    }
    Some(authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port))))
}

fn is_host(host: &str) -> bool {
    let of_address = |byte: u8| byte.is_ascii_hexdigit() || byte == b':' || byte == b'.';
    let of_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.' || byte == b'_';
    match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) => !address.is_empty() && address.bytes().all(of_address),
        None => !host.is_empty() && host.len() <= 253 && host.bytes().all(of_name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(text: &str) -> Origin {
        Origin::parse(text).unwrap_or_else(|| panic!("{text} is an origin"))
    }

    #[test]
    fn origins_are_scheme_host_and_port() {
        assert_eq!(origin("https://Shop.Example/"), origin("https://shop.example:443"));
        assert_eq!(origin("http://[::1]:3000").to_string(), "http://[::1]:3000");
        for refused in
            ["", "shop.example", "ftp://x", "https://", "https://a b", "https://a/path", "http://a:99999", "http://u@h"]
        {
            assert_eq!(Origin::parse(refused), None, "{refused}");
        }
    }

    #[test]
    fn a_host_is_within_itself_and_the_domains_above_it() {
        let api = origin("https://api.shop.example");
        for (domain, within) in
            [("api.shop.example", true), ("shop.example", true), ("op.example", false), ("x.api.shop.example", false)]
        {
            assert_eq!(api.is_within(domain), within, "{domain}");
        }
    }

    #[test]
    fn sites_are_registrable_domains_with_a_scheme() {
        let same = |one: &str, other: &str| origin(one).is_same_site(&origin(other));
        assert!(same("https://api.shop.co.uk", "https://www.shop.co.uk"));
        assert!(!same("https://a.co.uk", "https://b.co.uk"));
        assert!(!same("https://one.github.io", "https://two.github.io"));
        assert!(!same("http://shop.example", "https://shop.example"));
        assert!(same("http://localhost:3000", "http://127.0.0.1:8080"));
    }
}
