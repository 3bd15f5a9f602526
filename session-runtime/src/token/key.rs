//! Keys: one master secret, purpose keys derived from it, and the ring that holds the current key and the retired ones.

use std::fmt;
use std::sync::Arc;

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

use super::b64;
use super::mac::KeyedMac;

/// HMAC-SHA-256, the only MAC of the house.
pub(crate) type HmacSha256 = Hmac<Sha256>;

/// The shortest master secret, in bytes: as long as the hash (RFC 7518 §3.2).
pub(crate) const MIN_SECRET_BYTES: usize = 32;

/// Binds every derived key to this library and to this scheme (RFC 5869 §3.1).
const SALT: &[u8] = b"session-runtime/1";

/// The public name of a key: 8 characters of base64url, derived from the secret, so that every node names one secret alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct KeyId([u8; KeyId::BYTES]);

impl KeyId {
    pub(crate) const BYTES: usize = 6;

    pub(crate) const fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }

    pub(crate) const fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&b64::encode(&self.0))
    }
}

/// One key: what signs and verifies every kind of token under one master secret.
pub(crate) struct Key {
    id: KeyId,
    signer: Signer,
    refresh: HmacSha256,
    csrf: HmacSha256,
}

/// How access tokens are signed. An enum, with room for the asymmetric algorithms.
enum Signer {
    Hs256(Hs256),
}

/// HS256 with its header: exactly 63 characters, which with the dot behind them fill one block of SHA-256. The state after
/// that block is kept, so that signing and verifying start where the payload does.
struct Hs256 {
    header: String,
    after_header: KeyedMac,
}

impl Key {
    /// Derives the purpose keys; `None` where the secret is shorter than [`MIN_SECRET_BYTES`].
    pub(crate) fn derive(secret: &[u8]) -> Option<Self> {
        if secret.len() < MIN_SECRET_BYTES {
            return None;
        }
        // Distinct purposes get distinct keys, so that no token kind can pass for another (RFC 8725 §3.12).
        let purposes = Hkdf::<Sha256>::new(Some(SALT), secret);
        let id = KeyId(expand(&purposes, b"kid"));
        Some(Self {
            id,
            signer: Signer::Hs256(Hs256::new(id, &Zeroizing::new(expand(&purposes, b"access")))),
            refresh: keyed(&purposes, b"refresh"),
            csrf: keyed(&purposes, b"csrf"),
        })
    }

    pub(crate) const fn id(&self) -> KeyId {
        self.id
    }

    /// The protected header's segment: the exact characters that every access token of this key begins with.
    pub(super) fn header(&self) -> &str {
        let Signer::Hs256(signer) = &self.signer;
        &signer.header
    }

    /// The signature over `header.payload`, where `payload` is given as the encoded segment (RFC 7515 §5.1).
    pub(super) fn sign(&self, payload: &[u8]) -> [u8; 32] {
        let Signer::Hs256(signer) = &self.signer;
        signer.after_header.tag(payload)
    }

    pub(super) fn refresh_tag(&self, body: &[u8]) -> [u8; 32] {
        self.refresh.clone().chain_update(body).finalize().into_bytes().into()
    }

    pub(super) fn csrf_tag(&self, body: &[u8]) -> [u8; 32] {
        self.csrf.clone().chain_update(body).finalize().into_bytes().into()
    }
}

impl Hs256 {
    fn new(id: KeyId, key: &[u8; 32]) -> Self {
        // An explicit type keeps other JWTs of the same application out (RFC 8725 §3.11).
        let mut header = b64::encode(format!(r#"{{"alg":"HS256","kid":"{id}","typ":"st+jwt"}}"#).as_bytes());
        header.push('.');
        let block = header.as_bytes().try_into().expect("47 bytes are 63 characters, and the dot");
        let after_header = KeyedMac::new(key).after(block);
        header.pop();
        Self { header, after_header }
    }
}

fn keyed(purposes: &Hkdf<Sha256>, purpose: &[u8]) -> HmacSha256 {
    let key = Zeroizing::new(expand::<32>(purposes, purpose));
    HmacSha256::new_from_slice(key.as_slice()).expect("HMAC takes keys of any length (RFC 2104 §2)")
}

fn expand<const N: usize>(purposes: &Hkdf<Sha256>, purpose: &[u8]) -> [u8; N] {
    let mut key = [0; N];
    purposes.expand(purpose, &mut key).expect("HKDF gives up to 8,160 bytes (RFC 5869 §2.3)");
    key
}

/// Compares MACs and digests in a time that does not tell where they differ (RFC 7515 §10.5).
pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}

/// As [`same`], of two whole MACs, by words.
pub(super) fn same_tag(one: &[u8; 32], other: &[u8; 32]) -> bool {
    let words = one.as_chunks().0.iter().zip(other.as_chunks().0);
    let equal = words.map(|(one, other)| u64::from_le_bytes(*one).ct_eq(&u64::from_le_bytes(*other)));
    equal.fold(Choice::from(1), |all, equal| all & equal).into()
}

/// Two keys of a ring have one id: the same secret was given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SameKeyTwice(pub(crate) KeyId);

/// The keys of an application: the first signs, all verify. A fixed, small set; what a token says of its key is only
/// looked up in it (RFC 8725 §3.10).
#[derive(Clone)]
pub(crate) struct KeyRing {
    current: Arc<Key>,
    retired: Vec<Arc<Key>>,
}

impl KeyRing {
    pub(crate) fn new(current: Key, retired: Vec<Key>) -> Result<Self, SameKeyTwice> {
        let ring = Self { current: Arc::new(current), retired: retired.into_iter().map(Arc::new).collect() };
        for (position, key) in ring.keys().enumerate() {
            if ring.keys().take(position).any(|earlier| earlier.id == key.id) {
                return Err(SameKeyTwice(key.id));
            }
        }
        Ok(ring)
    }

    pub(crate) fn current(&self) -> &Key {
        &self.current
    }

    pub(super) fn by_header(&self, header: &[u8]) -> Option<&Key> {
        self.keys().find(|key| key.header().as_bytes() == header)
    }

    pub(super) fn by_id(&self, id: KeyId) -> Option<&Key> {
        self.keys().find(|key| key.id == id)
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.current).chain(&self.retired).map(AsRef::as_ref)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unhex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    }

    #[test]
    fn rfc_4231_test_case_2_and_6_hmac_sha_256() {
        let short = HmacSha256::new_from_slice(b"Jefe").unwrap().chain_update(b"what do ya want for nothing?");
        assert_eq!(
            short.finalize().into_bytes()[..],
            unhex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        );
        let long = HmacSha256::new_from_slice(&[0xaa; 131])
            .unwrap()
            .chain_update(b"Test Using Larger Than Block-Size Key - Hash Key First");
        assert_eq!(
            long.finalize().into_bytes()[..],
            unhex("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
        );
    }

    #[test]
    fn rfc_5869_test_case_1_hkdf_sha_256() {
        let purposes = Hkdf::<Sha256>::new(Some(&unhex("000102030405060708090a0b0c")), &[0x0b; 22]);
        let okm: [u8; 42] = expand(&purposes, &unhex("f0f1f2f3f4f5f6f7f8f9"));
        let expected = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865";
        assert_eq!(okm[..], unhex(expected));
    }

    #[test]
    fn rfc_7515_appendix_a_1_is_signed_alike() {
        let secret =
            b64::decode(b"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
                .unwrap();
        let input = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt\
             cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let plain = HmacSha256::new_from_slice(&secret).unwrap().chain_update(input.as_bytes());
        assert_eq!(b64::encode(&plain.finalize().into_bytes()), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    }

    #[test]
    fn signing_from_the_state_after_the_header_is_the_plain_mac_of_the_whole() {
        let key = Key::derive(&[7; 32]).unwrap();
        let plain = keyed(&Hkdf::<Sha256>::new(Some(SALT), &[7; 32]), b"access");
        for payload in ["", "x", &"x".repeat(55), &"x".repeat(56), &"x".repeat(64), &"x".repeat(500)] {
            let whole = format!("{}.{payload}", key.header());
            assert_eq!(key.sign(payload.as_bytes())[..], plain.clone().chain_update(whole).finalize().into_bytes()[..]);
        }
    }

    #[test]
    fn a_header_and_its_dot_fill_one_block() {
        let key = Key::derive(&[7; 32]).unwrap();
        assert_eq!(key.header().len() + 1, 64);
    }

    #[test]
    fn a_secret_under_32_bytes_gives_no_key() {
        assert!(Key::derive(&[7; 31]).is_none());
    }

    #[test]
    fn tags_are_the_same_when_every_bit_is() {
        let tag = [0xa5; 32];
        assert!(same_tag(&tag, &tag));
        for bit in 0..256 {
            let mut other = tag;
            other[bit / 8] ^= 1 << (bit % 8);
            assert!(!same_tag(&tag, &other), "{bit}");
        }
    }

    #[test]
    fn purpose_keys_differ() {
        let key = Key::derive(&[7; 32]).unwrap();
        assert_ne!(key.refresh_tag(b"x"), key.csrf_tag(b"x"));
        assert_ne!(key.sign(b"x"), key.refresh_tag(b"x"));
    }

    #[test]
    fn one_secret_twice_is_refused() {
        let key = || Key::derive(&[7; 32]).unwrap();
        assert!(KeyRing::new(key(), vec![key()]).is_err());
    }
}
