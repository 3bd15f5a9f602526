//! Tokens that this node has verified, so that the next request with the same one does not pay for its MAC and its JSON again.
//!
//! What is kept says only that these very bytes were signed by this very ring, and what they mean. Whether the token is still in time,
//! and what the feed says of its session, is asked at every use.

use std::any::Any;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arc_swap::ArcSwapOption;

use super::feed::FoundGood;
use super::notes::Noted;
use super::ring::RingEdition;
use super::text::KeptText;
use crate::clock::Timestamp;
use crate::payload::{self, AccessTokenPayload, PayloadError};
use crate::token::access::AccessClaims;

/// How many places there are in a bucket, of which a token has two: so many that meet there do not displace each other.
const WAYS: usize = 8;

/// The tag of a place where nothing was kept yet; no token has it, since tags are base64.
const FREE: u64 = 0;

/// A token that was verified: what it says, and its payload once somebody has asked for it.
///
/// What every use reads stands together, in this order, and all of it in one piece of memory: with thousands of tokens in use a look at
/// one waits for memory, and waits once for what has one address.
#[repr(C)]
pub(crate) struct KnownToken {
    /// The edition of the keys that verified it.
    ring: RingEdition,
    /// When it is over: by itself, or by the policy.
    ends_at: Timestamp,
    pub(super) found_good: FoundGood,
    pub(super) noted: Noted,
    /// Of the first type that asked.
    payload: OnceLock<Box<dyn Any + Send + Sync>>,
    pub(crate) claims: AccessClaims,
    text: KeptText,
}

impl KnownToken {
    pub(super) fn new(text: &[u8], ring: RingEdition, claims: AccessClaims, longest: Duration) -> Self {
        let (found_good, noted) = Default::default();
        // The second is that of a token from before the policy was tightened: nodes forget a revocation when the longest lifetime of now is over.
        let ends_at = claims.expires_at.min(claims.issued_at.after(longest));
        Self { ring, ends_at, found_good, noted, payload: OnceLock::new(), claims, text: KeptText::new(text) }
    }

    fn is(&self, text: &[u8], ring: RingEdition) -> bool {
        self.ring == ring && self.text.is(text)
    }

    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        self.ends_at <= now
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
        let payload: P = payload::decode_payload(kind, *payload_version, payload)?;
        let refused = self.payload.set(Box::new(payload)).err();
        Ok(refused.and_then(|payload| payload.downcast().ok()).map(Arc::from))
    }
}

/// A bounded memory of verified tokens, read without a lock: eight places to a bucket, and a second bucket for those who find no place in
/// the first.
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
    pub(super) fn find(&self, token: &[u8], ring: RingEdition) -> Option<Arc<KnownToken>> {
        let tag = tag_of(token)?;
        // A second bucket is seldom looked into: it is there for those who came when the first was full.
        self.buckets(tag).into_iter().flatten().find_map(|bucket| bucket.find(tag, token, ring))
    }

    /// Remembers a token that has just been verified.
    pub(super) fn keep(&self, token: &[u8], known: &Arc<KnownToken>, now: Timestamp) {
        let Some(tag) = tag_of(token) else { return };
        let places = || self.buckets(tag).into_iter().flatten().flat_map(Bucket::places);
        let tagged = |other| places().find(|(known, _)| known.load(Ordering::Relaxed) == other);
        // Whether a token is over is to be read in the token, which takes a while: not in both buckets.
        let is_over = |kept: &ArcSwapOption<KnownToken>| kept.load().as_ref().is_none_or(|kept| kept.is_over(now));
        let over = || places().take(WAYS).find(|(_, kept)| is_over(kept));
        let next = || places().nth(self.next_turn());
        if let Some((place, kept)) = tagged(tag).or_else(|| tagged(FREE)).or_else(over).or_else(next) {
            kept.store(Some(Arc::clone(known)));
            place.store(tag, Ordering::Relaxed);
        }
    }

    fn next_turn(&self) -> usize {
        usize::try_from(self.turn.fetch_add(1, Ordering::Relaxed) % (2 * WAYS as u64)).unwrap_or_default()
    }

    /// The two buckets where a token may be, the first one first.
    fn buckets(&self, tag: u64) -> [Option<&Bucket>; 2] {
        // Base64 fills six of eight bits; the product spreads them.
        let spread = tag.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        // Twenty bits apart, the two are independent up to a million buckets.
        // A power of two, unless there is none.
        let bits = self.buckets.len().wrapping_sub(1);
        [spread >> 32, spread >> 12].map(|at| self.buckets.get(usize::try_from(at & 0xffff_ffff).ok()? & bits))
    }
}

/// The tag of a token. Its signature is as good as random, and whoever chose another one has no token to be kept.
fn tag_of(token: &[u8]) -> Option<u64> {
    let tail = token.len().checked_sub(16)?;
    Some(u64::from_le_bytes(token.get(tail..tail + 8)?.try_into().ok()?))
}

impl Bucket {
    fn find(&self, tag: u64, token: &[u8], ring: RingEdition) -> Option<Arc<KnownToken>> {
        let mut tagged = self.places().filter(|(known, _)| known.load(Ordering::Relaxed) == tag);
        tagged.find_map(|(_, kept)| kept.load().as_ref().filter(|kept| kept.is(token, ring)).map(Arc::clone))
    }

    fn places(&self) -> impl Iterator<Item = (&AtomicU64, &ArcSwapOption<KnownToken>)> {
        self.tags.iter().zip(&self.kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{Generation, SessionHandle, TenantId, UserId};

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    const RING: RingEdition = RingEdition::FIRST;

    fn known(text: &[u8]) -> Arc<KnownToken> {
        known_for(text, Duration::from_secs(1))
    }

    fn known_for(text: &[u8], time: Duration) -> Arc<KnownToken> {
        let claims = AccessClaims {
            user_id: UserId::new("ada").expect("an id"),
            issued_at: NOW,
            expires_at: NOW.after(time),
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
        Arc::new(KnownToken::new(text, RING, claims, Duration::from_secs(3600)))
    }

    fn token(number: u32) -> Vec<u8> {
        let signature = format!("signature{:08x}tail----", number.wrapping_mul(0x9e37_79b9));
        format!("header.payload-{number}.{signature:0>43}").into_bytes()
    }

    #[test]
    fn what_was_kept_is_found_by_all_of_its_bytes_and_its_ring() {
        let tokens = KnownTokens::new(64);
        let kept = known(&token(1));
        tokens.keep(&token(1), &kept, NOW);
        assert!(Arc::ptr_eq(&tokens.find(&token(1), RING).expect("there"), &kept));
        assert!(tokens.find(&token(2), RING).is_none());
        assert!(tokens.find(&token(1), RingEdition::SECOND).is_none(), "other keys have not verified it");
        // A forged token under a signature that is known: every other byte changed, one after the other.
        for at in 0..token(1).len() {
            let mut forged = token(1);
            forged[at] ^= 1;
            assert!(tokens.find(&forged, RING).is_none(), "byte {at}");
        }
        for other in [b"", &b"short"[..], &token(1)[1..], &[b"x", &*token(1)].concat()] {
            assert!(tokens.find(other, RING).is_none(), "{other:?}");
        }
    }

    #[test]
    fn no_more_are_kept_than_was_said() {
        let tokens = KnownTokens::new(100);
        for number in 0..10_000 {
            tokens.keep(&token(number), &known(&token(number)), NOW);
        }
        let there = (0..10_000).filter(|number| tokens.find(&token(*number), RING).is_some()).count();
        assert_eq!(there, 64);
    }

    #[test]
    fn expired_ones_make_room_first() {
        let (tokens, later) = (KnownTokens::new(8), NOW.after(Duration::from_secs(1)));
        for number in 0..8 {
            let time = Duration::from_secs(if number == 3 { 60 } else { 1 });
            tokens.keep(&token(number), &known_for(&token(number), time), NOW);
        }
        let long: Vec<_> = std::iter::once(3).chain(10..17).map(token).collect();
        long.iter().skip(1).for_each(|token| tokens.keep(token, &known_for(token, Duration::from_secs(60)), later));
        assert!(long.iter().all(|token| tokens.find(token, RING).is_some()));
    }

    #[test]
    fn a_memory_that_is_half_full_displaces_next_to_nothing() {
        let tokens = KnownTokens::new(4096);
        (0..2048).for_each(|number| tokens.keep(&token(number), &known(&token(number)), NOW));
        let there = (0..2048).filter(|number| tokens.find(&token(*number), RING).is_some()).count();
        assert!(there > 2040, "{there} of 2,048");
    }

    #[test]
    fn nothing_is_kept_where_there_is_no_room() {
        let tokens = KnownTokens::new(7);
        tokens.keep(&token(1), &known(&token(1)), NOW);
        assert!(tokens.find(&token(1), RING).is_none());
    }
}
