//! The refresh token: opaque to the client, refused by its MAC before anybody asks the database.
//!
//! base64url of `version ‖ kid ‖ handle ‖ generation ‖ secret ‖ tag`. The secret is drawn once, when the session is created,
//! and stays with the clients: the row keeps its digest. The token of the next generation is therefore a function of this
//! one, and all who race to rotate it end with equally valid tokens.

use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::b64;
use super::key::{Key, KeyId, KeyRing, same};
use crate::id::{Generation, SessionHandle};

const VERSION: u8 = 1;
const BODY: usize = 1 + KeyId::BYTES + 16 + 4 + 32;
const TOKEN: usize = BODY + 32;

/// A refresh token's length in characters.
pub(crate) const ENCODED_LEN: usize = b64::encoded_len(TOKEN);

/// What a refresh token says, made by us or opened by its MAC.
#[derive(Clone)]
pub(crate) struct RefreshClaims {
    pub(crate) handle: SessionHandle,
    pub(crate) generation: Generation,
    pub(crate) secret: SessionSecret,
}

/// 256 random bits that only the clients of one session know.
#[derive(Clone)]
pub(crate) struct SessionSecret(Zeroizing<[u8; 32]>);

impl SessionSecret {
    pub(crate) const fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// What the row keeps. SHA-256 of 256 random bits needs no salt and no stretching: there is nothing to guess.
    pub(crate) fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_slice()).into()
    }

    pub(crate) fn has_digest(&self, digest: &[u8]) -> bool {
        same(&self.digest(), digest)
    }
}

/// Whether a text has the shape of our refresh tokens: length and alphabet, checked before anything is looked up.
pub(crate) fn has_our_shape(token: &[u8]) -> bool {
    token.len() == ENCODED_LEN
        && token.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        && token.starts_with(VERSION_CHAR)
}

/// The first six bits of the version byte, `000000`, read `A` in base64.
const VERSION_CHAR: &[u8] = b"A";

/// Writes the token of these claims under `key`.
pub(crate) fn mint(claims: &RefreshClaims, key: &Key) -> String {
    let mut bytes = Zeroizing::new(Vec::with_capacity(TOKEN));
    bytes.push(VERSION);
    bytes.extend_from_slice(key.id().as_bytes());
    bytes.extend_from_slice(claims.handle.as_bytes());
    bytes.extend_from_slice(&claims.generation.number().to_be_bytes());
    bytes.extend_from_slice(claims.secret.0.as_slice());
    let tag = key.refresh_tag(&bytes);
    bytes.extend_from_slice(&tag);
    b64::encode(&bytes)
}

/// Why a refresh token was refused. The later, the closer it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RefreshTokenError {
    /// It is none of ours.
    Foreign,
    /// It has our shape, and no key of the ring has made it.
    Forged,
    /// It names a key that the ring does not hold: another node may.
    UnknownKey,
}

/// Opens a token, by its MAC.
pub(crate) fn open(token: &[u8], ring: &KeyRing) -> Result<RefreshClaims, RefreshTokenError> {
    let bytes = Zeroizing::new(b64::decode_exact::<TOKEN>(token).ok_or(RefreshTokenError::Foreign)?);
    let (body, tag) = bytes.split_at_checked(BODY).ok_or(RefreshTokenError::Foreign)?;
    let parts = Parts::of(body).ok_or(RefreshTokenError::Foreign)?;
    let key = ring.by_id(parts.key).ok_or(RefreshTokenError::UnknownKey)?;
    if same(&key.refresh_tag(body), tag) { Ok(parts.claims) } else { Err(RefreshTokenError::Forged) }
}

/// What stands in the bytes before the tag; to be believed when the tag is right.
struct Parts {
    key: KeyId,
    claims: RefreshClaims,
}

impl Parts {
    fn of(body: &[u8]) -> Option<Self> {
        let (version, rest) = body.split_first()?;
        let (id, rest) = rest.split_first_chunk()?;
        let (handle, rest) = rest.split_first_chunk()?;
        let (generation, secret) = rest.split_first_chunk()?;
        let claims = RefreshClaims {
            handle: SessionHandle::from_uuid(Uuid::from_bytes(*handle)),
            generation: Generation::new(u32::from_be_bytes(*generation)),
            secret: SessionSecret(Zeroizing::new(secret.try_into().ok()?)),
        };
        (*version == VERSION).then_some(Self { key: KeyId::from_bytes(*id), claims })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    fn ring(seed: u8) -> KeyRing {
        KeyRing::new(Key::derive(&[seed; 32]).unwrap(), vec![]).unwrap()
    }

    fn claims() -> RefreshClaims {
        RefreshClaims {
            handle: SessionHandle::mint(Timestamp::from_millis(1)).unwrap(),
            generation: Generation::new(7),
            secret: SessionSecret(Zeroizing::new([9; 32])),
        }
    }

    #[test]
    fn a_token_opens_to_what_it_was_made_of() {
        let (ring, claims) = (ring(1), claims());
        let token = mint(&claims, ring.current());
        assert_eq!(token.len(), ENCODED_LEN);
        assert!(has_our_shape(token.as_bytes()));
        let opened = open(token.as_bytes(), &ring).ok().unwrap();
        assert_eq!((opened.handle, opened.generation), (claims.handle, claims.generation));
        assert!(opened.secret.has_digest(&claims.secret.digest()));
    }

    #[test]
    fn the_successor_is_deterministic() {
        let (ring, claims) = (ring(1), claims());
        let successor = RefreshClaims { generation: claims.generation.next(), ..claims };
        assert_eq!(mint(&successor, ring.current()), mint(&successor, ring.current()));
    }

    #[test]
    fn every_single_changed_character_is_refused() {
        let ring = ring(1);
        let token = mint(&claims(), ring.current());
        for position in 0..token.len() {
            for replacement in [b'A', b'B', b'_', b'=', b' ', 0] {
                let mut bytes = token.clone().into_bytes();
                if bytes[position] != replacement {
                    bytes[position] = replacement;
                    let forged = String::from_utf8(bytes).unwrap();
                    assert!(open(forged.as_bytes(), &ring).is_err(), "{position} {replacement}");
                }
            }
        }
    }

    #[test]
    fn another_ring_opens_nothing() {
        let refused = open(mint(&claims(), ring(1).current()).as_bytes(), &ring(2)).err();
        assert_eq!(refused, Some(RefreshTokenError::UnknownKey));
    }
}
