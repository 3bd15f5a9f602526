//! Which proxies stand in front of the application, and so whose word on a client's address counts.

use std::net::IpAddr;

use super::check::error;
use super::policy::PolicyError;

/// Whose word on a client's address counts. Given to [`PolicyBuilder::trusted_proxies`](crate::PolicyBuilder::trusted_proxies).
///
/// Anybody can send an `X-Forwarded-For`, so it is read only as far as proxies of the application's own wrote it, and only one kind of
/// header is: a proxy that adds to one passes the other on as the client sent it.
///
/// ```
/// use session_runtime::{ForwardingHeader, Policy, TrustedProxies};
///
/// let proxies = TrustedProxies::networks(["10.0.0.0/8", "2001:db8:7::/48"]).writing(ForwardingHeader::Forwarded);
/// assert!(Policy::for_api("https://api.shop.example").trusted_proxies(proxies).build().is_ok());
///
/// let everybody = TrustedProxies::networks(["0.0.0.0/0"]);
/// assert!(Policy::for_api("https://api.shop.example").trusted_proxies(everybody).build().is_err());
/// ```
#[derive(Clone, Debug)]
pub struct TrustedProxies {
    trust: Trust<String>,
    header: ForwardingHeader,
}

/// The header that the trusted proxies write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ForwardingHeader {
    /// `X-Forwarded-For`, as most do.
    XForwardedFor,
    /// `Forwarded`, the standard one (RFC 7239).
    Forwarded,
}

impl TrustedProxies {
    /// Nobody's: the address is that of the connection. The default.
    #[must_use]
    pub const fn none() -> Self {
        Self::new(Trust::Nobody)
    }

    /// That of proxies within these networks, such as `10.0.0.0/8` or `2001:db8::7`. The client is the nearest address that is in
    /// none of them, counted from the connection; an application that is reached past its proxies is told no lies.
    #[must_use]
    pub fn networks(networks: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::new(Trust::Networks(networks.into_iter().map(Into::into).collect()))
    }

    /// That of so many proxies, one behind the other, 1 – 16, whose addresses are not known. Only where nobody can reach the
    /// application past them: who does is believed everything.
    #[must_use]
    pub const fn hops(count: usize) -> Self {
        Self::new(Trust::Hops(count))
    }

    /// Which header they write. Default: [`ForwardingHeader::XForwardedFor`].
    #[must_use]
    pub fn writing(self, header: ForwardingHeader) -> Self {
        Self { header, ..self }
    }

    const fn new(trust: Trust<String>) -> Self {
        Self { trust, header: ForwardingHeader::XForwardedFor }
    }

    pub(super) fn checked(&self) -> Result<Proxies, PolicyError> {
        let trust = match &self.trust {
            Trust::Nobody => Trust::Nobody,
            Trust::Networks(networks) => {
                Trust::Networks(networks.iter().map(|network| Network::checked(network)).collect::<Result<_, _>>()?)
            }
            Trust::Hops(count @ 1..=16) => Trust::Hops(*count),
            Trust::Hops(count) => return Err(error("trusted_proxies", format!("{count} hops"), "1 to 16 hops")),
        };
        Ok(Proxies { trust, header: self.header })
    }
}

/// As [`TrustedProxies`], checked.
#[derive(Clone, Debug)]
pub(crate) struct Proxies {
    pub(crate) trust: Trust<Network>,
    pub(crate) header: ForwardingHeader,
}

#[derive(Clone, Debug)]
pub(crate) enum Trust<N> {
    Nobody,
    Networks(Vec<N>),
    Hops(usize),
}

/// The addresses that begin with the same bits (RFC 4632 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Network {
    first: IpAddr,
    prefix: u32,
}

impl Network {
    fn checked(text: &str) -> Result<Self, PolicyError> {
        let expected =
            "a network such as 10.0.0.0/8, without bits behind its prefix, or an address; and not everybody's";
        Self::parse(text).ok_or_else(|| error("trusted_proxies", format!("{text:?}"), expected))
    }

    fn parse(text: &str) -> Option<Self> {
        let (first, prefix) = text.split_once('/').map_or((text, None), |(first, prefix)| (first, Some(prefix)));
        let first: IpAddr = first.parse().ok()?;
        let (width, zeros) = match first {
            IpAddr::V4(first) => (32, first.to_bits().trailing_zeros()),
            IpAddr::V6(first) => (128, first.to_bits().trailing_zeros()),
        };
        let prefix = prefix.map_or(Some(width), |prefix| prefix.parse().ok())?;
        // Addresses are compared in their canonical form, which an IPv4 address in the dress of IPv6 is not.
        let is_sound = (1..=width).contains(&prefix) && zeros >= width - prefix && first.to_canonical() == first;
        is_sound.then_some(Self { first, prefix })
    }

    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        match (self.first, address) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                (first.to_bits() ^ address.to_bits()).leading_zeros() >= self.prefix
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                (first.to_bits() ^ address.to_bits()).leading_zeros() >= self.prefix
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_hold_the_addresses_that_begin_as_they_do() {
        for (network, address, is_in) in [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("192.0.2.128/25", "192.0.2.127", false),
            ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.6", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("2001:db8::/32", "10.0.0.1", false),
        ] {
            let found = Network::parse(network).expect(network);
            assert_eq!(found.contains(address.parse().expect(address)), is_in, "{address} in {network}");
        }
    }

    #[test]
    fn what_is_no_network_or_everybodys_is_refused() {
        for text in ["", "10.0.0.0/", "10.0.0.0/33", "10.0.0.1/8", "::/0", "0.0.0.0/0", "::ffff:10.0.0.0/104", "ten/8"]
        {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }
}
