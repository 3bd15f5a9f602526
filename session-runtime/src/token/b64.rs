//! base64url without padding (RFC 4648 §5, as RFC 7515 §2 wants it), by the engine that uses the processor's wide registers.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::NO_PAD;
use base64::engine::simd::Simd;

/// Strict: padding, foreign characters and non-zero trailing bits are refused, so each byte string has one spelling.
static URL_SAFE: LazyLock<Simd> = LazyLock::new(|| Simd::url_safe(NO_PAD));

pub(super) fn encode(bytes: &[u8]) -> String {
    URL_SAFE.encode(bytes)
}

pub(super) fn encode_into(bytes: &[u8], text: &mut String) {
    URL_SAFE.encode_string(bytes, text);
}

#[cfg(test)]
pub(super) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    URL_SAFE.decode(text).ok()
}

/// Decodes into `target`, which has [`room_for`] the text.
pub(super) fn decode_into<'t>(text: &[u8], target: &'t mut [u8]) -> Option<&'t [u8]> {
    let length = URL_SAFE.decode_slice(text, target).ok()?;
    target.get(..length)
}

/// What decoding `chars` characters may ask for: the engine's estimate may exceed the true length by up to two bytes.
pub(super) const fn room_for(chars: usize) -> usize {
    chars.div_ceil(4) * 3
}

/// Decodes a text whose length in bytes is known; any other length is refused.
pub(super) fn decode_exact<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    // See `room_for`.
    let mut buffer = [0; 128];
    let target = buffer.get_mut(..N + 2)?;
    let length = URL_SAFE.decode_slice(text, target).ok()?;
    target.get(..length)?.try_into().ok()
}

/// The length of `bytes` bytes when encoded.
pub(super) const fn encoded_len(bytes: usize) -> usize {
    (bytes * 4).div_ceil(3)
}
