//! What is known of the device that a session is used from. It is shown to people and decides nothing: all of it is the client's own word,
//! but for the address.

use std::net::IpAddr;

/// The device that a session is used from, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Device {
    /// What the user or the application calls it, up to 128 characters.
    pub(crate) label: Option<String>,
    /// The request's `User-Agent`, up to 512 characters of it.
    pub(crate) user_agent: Option<String>,
    pub(crate) address: Option<IpAddr>,
}
