//! The anti-CSRF value of a session's generation: derived, never stored.

use super::key::{Key, KeyRing, same};
use crate::id::{Generation, SessionHandle};
use crate::token::b64;

/// The value that goes with generation `generation` of session `handle`, 43 characters. A new one at every rotation.
pub(crate) fn value(key: &Key, handle: SessionHandle, generation: Generation) -> String {
    b64::encode(&key.csrf_tag(&body(handle, generation)))
}

/// Whether `presented` goes with this generation under any key of the ring.
pub(crate) fn matches(presented: &[u8], ring: &KeyRing, handle: SessionHandle, generation: Generation) -> bool {
    let body = body(handle, generation);
    b64::decode_exact::<32>(presented)
        .is_some_and(|presented| ring.keys().any(|key| same(&presented, &key.csrf_tag(&body))))
}

fn body(handle: SessionHandle, generation: Generation) -> Vec<u8> {
    [handle.as_bytes().as_slice(), &generation.number().to_be_bytes()].concat()
}
