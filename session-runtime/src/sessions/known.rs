//! Tokens that this node has verified, so that the next request with the same one does not pay for its MAC and its JSON again.
//!
//! What is kept says only that these very bytes were signed by this very ring, and what they mean. Whether the token is still in time,
//! and what the feed says of its session, is asked at every use.

use std::any::Any;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwapOption;

use super::feed::FoundGood;
use super::notes::Noted;
use super::ring::RingEdition;
use crate::clock::Timestamp;
use crate::payload::{self, AccessTokenPayload, PayloadError};
use crate::token::access::AccessClaims;

/// How many places a token may take: so many that meet in one bucket do not displace each other.
const WAYS: usize = 8;

/// A token that was verified: what it says, and its payload once somebody has asked for it.
pub(crate) struct KnownToken {
    pub(crate) claims: AccessClaims,
    pub(super) found_good: FoundGood,
    pub(super) noted: Noted,
    /// Of the first type that asked.
    payload: OnceLock<Box<dyn Any + Send + Sync>>,
    text: Box<str>,
    /// The edition of the keys that verified it.
    ring: RingEdition,
}

impl KnownToken {
    pub(super) fn new(text: &str, ring: RingEdition, claims: AccessClaims) -> Self {
        let (found_good, noted) = Default::default();
        Self { claims, found_good, noted, payload: OnceLock::new(), text: text.into(), ring }
    }

    fn is(&self, text: &str, ring: RingEdition) -> bool {
        self.ring == ring && is_equal(self.text.as_bytes(), text.as_bytes())
    }

    /// The payload, where it is kept as this type.
    pub(super) fn payload<P: AccessTokenPayload>(&self) -> Option<&P> {
        self.payload.get()?.downcast_ref()
    }

    /// Decodes the payload, to be kept here. The first type that asks is the one that asks again: another's is decoded each time, and
    /// answered.
    ///
    /// # Errors
    ///
    /// Those of reading in [`PayloadError`].
    pub(super) fn decode<P: AccessTokenPayload>(&self) -> Result<Option<Arc<P>>, PayloadError> {
        if self.payload::<P>().is_some() {
            return Ok(None);
        }
        let AccessClaims { kind, payload_version, payload, .. } = &self.claims;
        let payload: P = payload::decode_payload(kind, *payload_version, payload.as_bytes())?;
        let refused = self.payload.set(Box::new(payload)).err();
        Ok(refused.and_then(|payload| payload.downcast().ok()).map(Arc::from))
    }
}

/// A bounded memory of verified tokens: eight places to a bucket, read without a lock.
pub(super) struct KnownTokens {
    buckets: Box<[Bucket]>,
    /// Which place of a full bucket goes next.
    turn: AtomicU64,
}

/// Eight tokens. Their tags spare a look at tokens that are others, and prove nothing; they fill one line of the processor's cache, and what
/// they are of the next.
#[derive(Default)]
#[repr(align(128))]
struct Bucket {
    tags: [AtomicU64; WAYS],
    kept: [ArcSwapOption<KnownToken>; WAYS],
}

impl KnownTokens {
    /// Keeps at most so many; none where there is no room for a bucket.
    pub(super) fn new(most: usize) -> Self {
        let buckets = most / WAYS;
        // A power of two picks a bucket by its bits; rounded down, since the number is a bound.
        let buckets = if buckets == 0 { 0 } else { 1 << buckets.ilog2() };
        Self { buckets: (0..buckets).map(|_| Bucket::default()).collect(), turn: AtomicU64::new(0) }
    }

    /// What these bytes say, if the keys of this edition have verified them.
    pub(super) fn find(&self, token: &str, ring: RingEdition) -> Option<Arc<KnownToken>> {
        let (tag, bucket) = self.bucket(token)?;
        let tagged = bucket.places().filter(|(known, _)| known.load(Ordering::Relaxed) == tag);
        tagged.filter_map(|(_, kept)| kept.load().as_ref().filter(|kept| kept.is(token, ring)).map(Arc::clone)).next()
    }

    /// Remembers a token that has just been verified.
    pub(super) fn keep(&self, known: &Arc<KnownToken>, now: Timestamp) {
        let Some((tag, bucket)) = self.bucket(&known.text) else { return };
        let turn = usize::try_from(self.turn.fetch_add(1, Ordering::Relaxed) % WAYS as u64).unwrap_or_default();
        let mut free =
            bucket.places().filter(|(known, kept)| known.load(Ordering::Relaxed) == tag || is_free(kept, now));
        if let Some((place, kept)) = free.next().or_else(|| bucket.places().nth(turn)) {
            kept.store(Some(Arc::clone(known)));
            place.store(tag, Ordering::Relaxed);
        }
    }

    /// The tag of a token, and the bucket where it may be. Its signature is as good as random, and whoever chose another one has
    /// no token to be kept.
    fn bucket(&self, token: &str) -> Option<(u64, &Bucket)> {
        let tail = token.len().checked_sub(16)?;
        let tag = u64::from_le_bytes(token.as_bytes().get(tail..tail + 8)?.try_into().ok()?);
        // Base64 fills six of eight bits; the product spreads them.
        let spread = tag.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        // A power of two, unless there is none.
        let bits = self.buckets.len().checked_sub(1)?;
        Some((tag, self.buckets.get(usize::try_from(spread).ok()? & bits)?))
    }
}

impl Bucket {
    fn places(&self) -> impl Iterator<Item = (&AtomicU64, &ArcSwapOption<KnownToken>)> {
        self.tags.iter().zip(&self.kept)
    }
}

fn is_free(place: &ArcSwapOption<KnownToken>, now: Timestamp) -> bool {
    place.load().as_ref().is_none_or(|kept| kept.claims.expires_at <= now)
}

/// The whole of both is read wherever they differ: the time it takes tells nothing of a token that somebody else holds.
fn is_equal(known: &[u8], other: &[u8]) -> bool {
    known.len() == other.len() && known.iter().zip(other).fold(0, |differences, (a, b)| differences | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{Generation, SessionHandle, TenantId, UserId};

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    const RING: RingEdition = RingEdition::FIRST;

    fn known(text: &str) -> Arc<KnownToken> {
        let claims = AccessClaims {
            user_id: UserId::new("ada").expect("an id"),
            issued_at: NOW,
            expires_at: Timestamp::from_millis(NOW.as_millis() + 1000),
            handle: SessionHandle::mint(NOW).expect("a handle"),
            tenant: TenantId::default(),
            issuer: None,
            audience: None,
            anti_csrf: None,
            actor: None,
            anonymous: false,
            kind: "none".into(),
            payload_version: 1,
            payload_revision: 0,
            generation: Generation::FIRST,
            authenticated_at: NOW,
            payload: "{}".into(),
        };
        Arc::new(KnownToken::new(text, RING, claims))
    }

    fn token(number: u32) -> String {
        format!("header.payload-{number}.{:0>43}", format!("signature{:08x}tail----", number.wrapping_mul(0x9e37_79b9)))
    }

    #[test]
    fn what_was_kept_is_found_by_all_of_its_bytes_and_its_ring() {
        let tokens = KnownTokens::new(64);
        let kept = known(&token(1));
        tokens.keep(&kept, NOW);
        assert!(Arc::ptr_eq(&tokens.find(&token(1), RING).expect("there"), &kept));
        assert!(tokens.find(&token(2), RING).is_none());
        assert!(tokens.find(&token(1), RingEdition::SECOND).is_none(), "other keys have not verified it");
        // A forged token under a signature that is known: every other byte changed, one after the other.
        for at in 0..token(1).len() {
            let mut forged = token(1).into_bytes();
            forged[at] ^= 1;
            assert!(tokens.find(&String::from_utf8(forged).expect("ASCII"), RING).is_none(), "byte {at}");
        }
        for other in ["", "short", &token(1)[1..], &format!("x{}", token(1))] {
            assert!(tokens.find(other, RING).is_none(), "{other}");
        }
    }

    #[test]
    fn no_more_are_kept_than_was_said_and_expired_ones_make_room_first() {
        let tokens = KnownTokens::new(100);
        for number in 0..10_000 {
            tokens.keep(&known(&token(number)), NOW);
        }
        let there = (0..10_000).filter(|number| tokens.find(&token(*number), RING).is_some()).count();
        assert!((32..=64).contains(&there), "{there} of at most 64");
        let later = Timestamp::from_millis(NOW.as_millis() + 1000);
        for number in 0..2 {
            tokens.keep(&known(&token(20_000 + number)), later);
            assert!(tokens.find(&token(20_000 + number), RING).is_some());
        }
    }

    #[test]
    fn nothing_is_kept_where_there_is_no_room() {
        let tokens = KnownTokens::new(7);
        tokens.keep(&known(&token(1)), NOW);
        assert!(tokens.find(&token(1), RING).is_none());
    }
}
