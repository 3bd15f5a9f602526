//! Ports that stay a server's own while it is down.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

use crate::machine::Place;

const FIRST: u16 = 20_000;
const COUNT: u16 = 10_000;

/// The port of a server. On a machine of its own it is one that its successor has too.
pub(super) fn of_server(place: &Place) -> u16 {
    match place {
        Place::Here => free(),
        Place::On(_) => FIRST,
    }
}

/// A port that nobody listens on, given out once. Below those that the system gives to outgoing connections: one of these could take the
/// port of a server that is about to come back.
pub(super) fn free() -> u16 {
    static GIVEN: AtomicU16 = AtomicU16::new(0);
    let start = u16::try_from(std::process::id() * 97 % u32::from(COUNT)).expect("below the count");
    let ports = std::iter::repeat_with(|| FIRST + (start + GIVEN.fetch_add(1, Ordering::SeqCst)) % COUNT);
    let is_free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    ports.take(COUNT.into()).find(is_free).expect("a free port")
}
