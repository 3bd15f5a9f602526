//! Where a JSON string ends, found eight bytes at a time, and what digits say.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = ONES << 7;

/// How much stands before the first byte that a JSON string cannot hold as it is: a quote, a backslash, a control character.
pub(crate) fn plain_len(text: &[u8]) -> Option<usize> {
    let (words, rest) = text.as_chunks();
    let in_words = words.iter().enumerate().find_map(|(index, word)| Some(index * 8 + first_special(*word)?));
    in_words.or_else(|| Some(words.len() * 8 + rest.iter().position(is_special)?))
}

fn first_special(word: [u8; 8]) -> Option<usize> {
    let word = u64::from_le_bytes(word);
    // Marks bytes below a bound. A byte that is marked may have the next one marked too, but never one before it: the first mark is right.
    let below = |word: u64, bound: u8| word.wrapping_sub(ONES * u64::from(bound)) & !word & HIGHS;
    let is = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    let marks = is(b'"') | is(b'\\') | below(word, b' ');
    (marks != 0).then_some(marks.trailing_zeros() as usize / 8)
}

const fn is_special(byte: &u8) -> bool {
    matches!(byte, b'"' | b'\\' | 0..b' ')
}

/// Digits as JSON has them: a zero in front is a number of its own.
pub(crate) fn integer(digits: &str) -> Option<u64> {
    match digits.as_bytes() {
        [b'0', _, ..] | [] => None,
        // 19 nines fit.
        digits if digits.len() <= 19 => digits
            .iter()
            .try_fold(0_u64, |number, digit| digit.is_ascii_digit().then(|| number * 10 + u64::from(digit - b'0'))),
        _ if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_where_a_look_at_each_byte_finds_it(mut text: Vec<u8>, specials in prop::collection::vec((0..40_usize, any::<u8>()), 0..3)) {
            text.resize(text.len().min(40), b'x');
            for byte in &mut text {
                *byte |= 0x20;
                if is_special(byte) {
                    *byte = 0xff;
                }
            }
            for (at, byte) in specials {
                if let Some(place) = text.get_mut(at) {
                    *place = byte;
                }
            }
            prop_assert_eq!(plain_len(&text), text.iter().position(is_special));
        }
    }

    #[test]
    fn every_byte_is_judged_alike_at_every_place() {
        for byte in 0..=255 {
            for at in 0..17 {
                for other in [b'x', b'!', 0x7f, 0x80, 0xff, b'#', b'[', b']'] {
                    let mut text = [other; 17];
                    text[at] = byte;
                    assert_eq!(plain_len(&text), is_special(&byte).then_some(at), "{byte} at {at} beside {other}");
                }
            }
        }
    }
}
