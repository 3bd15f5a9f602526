//! The text of a token that is known, to be compared whole.

/// So much of a text stands beside what is known of its token: the processor fetches both at once, where a text elsewhere would be fetched
/// after its address. Most tokens are no longer.
const AT_HAND: usize = 576;

/// How many bytes are compared at a time.
const BLOCK: usize = 32;

pub(super) struct KeptText {
    len: usize,
    at_hand: [u8; AT_HAND],
    /// What is longer goes on here.
    rest: Box<[u8]>,
}

impl KeptText {
    pub(super) fn new(text: &[u8]) -> Self {
        let (start, rest) = parts(text);
        let mut at_hand = [0; AT_HAND];
        at_hand.split_at_mut(start.len()).0.copy_from_slice(start);
        Self { len: text.len(), at_hand, rest: rest.into() }
    }

    /// The whole of both is read wherever they differ: the time it takes tells nothing of a token that somebody else holds.
    pub(super) fn is(&self, text: &[u8]) -> bool {
        let (start, rest) = parts(text);
        let Some(at_hand) = self.at_hand.get(..start.len()).filter(|_| self.len == text.len()) else { return false };
        differences(at_hand, start) | differences(&self.rest, rest) == 0
    }
}

fn parts(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.len().min(AT_HAND))
}

/// Zero where both, which are of one length, are the same.
fn differences(one: &[u8], other: &[u8]) -> u8 {
    let (Some(end), Some(other_end)) = (one.last_chunk::<BLOCK>(), other.last_chunk::<BLOCK>()) else {
        return difference(one, other);
    };
    // Whole blocks are what a processor compares at once; the last one overlaps with the one before.
    let (blocks, others) = (one.as_chunks::<BLOCK>().0, other.as_chunks::<BLOCK>().0);
    difference(blocks.as_flattened(), others.as_flattened()) | difference(end, other_end)
}

fn difference(one: &[u8], other: &[u8]) -> u8 {
    one.iter().zip(other).fold(0, |found, (one, other)| found | (one ^ other))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_text_is_itself_and_no_other(text in "[a-c]{0,80}|[a-c]{540,700}", other in "[a-c]{0,2}", at: prop::sample::Index) {
            prop_assert!(KeptText::new(text.as_bytes()).is(text.as_bytes()));
            let longer = format!("{text}{other}");
            prop_assert_eq!(KeptText::new(text.as_bytes()).is(longer.as_bytes()), text == longer);
            prop_assert_eq!(KeptText::new(longer.as_bytes()).is(text.as_bytes()), text == longer);
            let mut changed = longer.clone().into_bytes();
            if !changed.is_empty() {
                let at = at.index(changed.len());
                changed[at] ^= 1;
                prop_assert!(!KeptText::new(longer.as_bytes()).is(&changed));
            }
        }
    }

    #[test]
    fn every_byte_of_every_length_counts() {
        for len in [1, 31, 32, 33, 63, 64, 65, AT_HAND - 1, AT_HAND, AT_HAND + 1, AT_HAND + 33, 2 * AT_HAND] {
            let text = vec![b'a'; len];
            let kept = KeptText::new(&text);
            assert!(kept.is(&text));
            for at in 0..len {
                let mut changed = text.clone();
                changed[at] = b'b';
                assert!(!kept.is(&changed), "byte {at} of {len}");
            }
        }
    }
}
