//! HMAC-SHA-256 (RFC 2104) that goes on from kept states: the pads, and the block that all messages of a key begin with, are
//! compressed once, when the key is derived.

use sha2::block_api::compress256;
use zeroize::Zeroizing;

const BLOCK: usize = 64;

/// The initial hash value (FIPS 180-4 §5.3.3).
const INITIAL: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// A key, and perhaps the first block of every message. Both states are worth as much as the key, and are wiped as one.
pub(super) struct KeyedMac {
    inner: Zeroizing<[u32; 8]>,
    outer: Zeroizing<[u32; 8]>,
    /// Bytes that went into `inner`: a number of whole blocks.
    before: usize,
}

impl KeyedMac {
    /// Takes a key that is no longer than a block.
    pub(super) fn new(key: &[u8; 32]) -> Self {
        let pad = |with: u8| {
            let mut block = Zeroizing::new([with; BLOCK]);
            for (byte, key) in block.iter_mut().zip(key) {
                *byte ^= key;
            }
            let mut state = Zeroizing::new(INITIAL);
            compress256(&mut state, std::slice::from_ref(&*block));
            state
        };
        Self { inner: pad(0x36), outer: pad(0x5c), before: BLOCK }
    }

    /// The same key, for messages that all begin with this block.
    pub(super) fn after(mut self, block: &[u8; BLOCK]) -> Self {
        compress256(&mut self.inner, std::slice::from_ref(block));
        self.before += BLOCK;
        self
    }

    /// The tag of the message whose remainder is `text`. The states that it begins with are overwritten on the way.
    pub(super) fn tag(&self, text: &[u8]) -> [u8; 32] {
        let mut state = *self.inner;
        let (blocks, tail) = text.as_chunks();
        compress256(&mut state, blocks);
        finish(&mut state, tail, self.before + text.len());
        let digest = bytes(&state);
        let mut state = *self.outer;
        finish(&mut state, &digest, BLOCK + digest.len());
        bytes(&state)
    }
}

/// Compresses what is left of a message of `len` bytes, with its padding (FIPS 180-4 §5.1.1).
fn finish(state: &mut [u32; 8], tail: &[u8], len: usize) {
    let mut blocks = [[0; BLOCK]; 2];
    let padded = blocks.as_flattened_mut();
    if let Some((text, rest)) = padded.split_at_mut_checked(tail.len()) {
        text.copy_from_slice(tail);
        if let Some(end) = rest.first_mut() {
            *end = 0x80;
        }
    }
    // One byte of padding and eight of length want room.
    let used = if tail.len() < BLOCK - 8 { 1 } else { 2 };
    if let Some((used, _)) = blocks.split_at_mut_checked(used) {
        if let Some(length) = used.as_flattened_mut().last_chunk_mut() {
            *length = (len as u64 * 8).to_be_bytes();
        }
        compress256(state, used);
    }
}

fn bytes(state: &[u32; 8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (bytes, word) in bytes.as_chunks_mut().0.iter_mut().zip(state) {
        *bytes = word.to_be_bytes();
    }
    bytes
}

#[cfg(test)]
mod tests {
    use hmac::{KeyInit, Mac};
    use proptest::prelude::*;

    use super::*;
    use crate::token::key::HmacSha256;

    fn plain(key: &[u8; 32], text: &[u8]) -> [u8; 32] {
        HmacSha256::new_from_slice(key).unwrap().chain_update(text).finalize().into_bytes().into()
    }

    #[test]
    fn every_length_around_the_blocks_has_the_tag_of_the_plain_mac() {
        let text: Vec<u8> = (0..=255).cycle().take(600).collect();
        for len in 0..=text.len() {
            assert_eq!(KeyedMac::new(&[9; 32]).tag(&text[..len]), plain(&[9; 32], &text[..len]), "{len}");
        }
    }

    proptest! {
        #[test]
        fn a_kept_first_block_changes_nothing(key: [u8; 32], first: [u8; 32], second: [u8; 32], rest: Vec<u8>) {
            let block: [u8; 64] = [first, second].concat().try_into().unwrap();
            let whole = [block.as_slice(), &rest].concat();
            prop_assert_eq!(KeyedMac::new(&key).after(&block).tag(&rest), plain(&key, &whole));
            prop_assert_eq!(KeyedMac::new(&key).tag(&whole), plain(&key, &whole));
        }
    }
}
