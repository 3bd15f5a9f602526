//! base64url without padding (RFC 4648 §5, as RFC 7515 §2 wants it), by the engine that uses the processor's wide registers.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::NO_PAD;
use base64::engine::simd::Simd;

/// How many characters the engine takes at once.
const BLOCK: usize = 32;

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
///
/// The engine takes whole blocks at once and what is left character by character, so the text goes in with zeros behind it, and comes out
/// with zeros behind it, which are there to be checked: what does not end in them is not the one spelling.
pub(super) fn decode_exact<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let mut spelt = [b'A'; 4 * BLOCK + 4];
    let mut bytes = [0; 128];
    let whole = text.len().next_multiple_of(BLOCK) + 4;
    if text.len() != encoded_len(N) {
        return None;
    }
    spelt.get_mut(..text.len())?.copy_from_slice(text);
    let length = URL_SAFE.decode_slice(spelt.get(..whole)?, &mut bytes).ok()?;
    let (exact, rest) = bytes.get(..length)?.split_first_chunk()?;
    (rest.iter().fold(0, |ones, byte| ones | byte) == 0).then_some(*exact)
}

/// The length of `bytes` bytes when encoded.
pub(super) const fn encoded_len(bytes: usize) -> usize {
    (bytes * 4).div_ceil(3)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
        decode(text)?.try_into().ok()
    }

    proptest! {
        #[test]
        fn what_is_decoded_exactly_is_what_is_decoded_plainly(
            text in "[A-Za-z0-9_-]{43}|[A-Za-z0-9_-]{122}|[A-Z+/=. ]{0,140}",
            short: [u8; 32],
            at: prop::sample::Index,
            with: u8,
        ) {
            prop_assert_eq!(decode_exact::<32>(text.as_bytes()), plain(text.as_bytes()));
            prop_assert_eq!(decode_exact::<91>(text.as_bytes()), plain(text.as_bytes()));
            let mut spelt = encode(&short).into_bytes();
            prop_assert_eq!(decode_exact(&spelt), Some(short));
            // All that the last character may be, and any other byte anywhere.
            for last in 0..=u8::MAX {
                spelt[42] = last;
                prop_assert_eq!(decode_exact::<32>(&spelt), plain(&spelt));
            }
            let at = at.index(spelt.len());
            spelt[at] = with;
            prop_assert_eq!(decode_exact::<32>(&spelt), plain(&spelt));
        }
    }
}
