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

/// The digits that a text begins with, as JSON has them, and how many there are: a zero in front is a number of its own.
pub(crate) fn integer(text: &[u8]) -> Option<(u64, usize)> {
    let digits = text.iter().map_while(|byte| byte.is_ascii_digit().then_some(u64::from(byte.wrapping_sub(b'0'))));
    let (number, len) = digits
        .enumerate()
        .try_fold((0_u64, 0), |(number, _), (at, digit)| Some((number.checked_mul(10)?.checked_add(digit)?, at + 1)))?;
    let is_one = len == 1 || (len > 1 && text.first() != Some(&b'0'));
    is_one.then_some((number, len))
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

    proptest! {
        #[test]
        fn digits_say_what_they_say_to_serde(text in "[0-9]{0,22}|[0-9]{0,3}[-+.eE,}x][0-9]{0,2}") {
            let len = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
            let plain = serde_json::from_str::<u64>(&text[..len]).ok();
            prop_assert_eq!(integer(text.as_bytes()), plain.map(|number| (number, len)));
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
