//! Where tokens are written and read: text that stays on the stack unless it is long.

use std::io;

/// Room for the claims of most sessions: 1,024 characters of base64.
pub(super) const INLINE: usize = 768;

/// Text in the making.
pub(super) struct Text {
    inline: [u8; INLINE],
    len: usize,
    /// All of it, once it has become too long for `inline`.
    spilled: Vec<u8>,
}

impl Text {
    pub(super) const fn new() -> Self {
        Self { inline: [0; INLINE], len: 0, spilled: Vec::new() }
    }

    pub(super) fn push(&mut self, text: &str) {
        self.push_bytes(text.as_bytes());
    }

    fn push_bytes(&mut self, bytes: &[u8]) {
        let end = self.len + bytes.len();
        match self.inline.get_mut(self.len..end) {
            Some(place) => {
                place.copy_from_slice(bytes);
                self.len = end;
            }
            None => self.spill(bytes),
        }
    }

    #[cold]
    fn spill(&mut self, bytes: &[u8]) {
        if self.spilled.is_empty() {
            self.spilled.extend_from_slice(self.inline.get(..self.len).unwrap_or_default());
            // Whatever comes goes where the rest is.
            self.len = INLINE + 1;
        }
        self.spilled.extend_from_slice(bytes);
    }

    /// Digits; what is negative counts as nothing.
    pub(super) fn push_number(&mut self, number: i64) {
        let mut number = u64::try_from(number).unwrap_or(0);
        let mut digits = [b'0'; 20];
        let mut first = digits.len();
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + (number % 10) as u8;
            number /= 10;
            first -= 1;
            if number == 0 {
                break;
            }
        }
        self.push_bytes(digits.get(first..).unwrap_or_default());
    }

    /// A JSON string, as serde writes it.
    pub(super) fn push_string(&mut self, value: &str) {
        if value.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
            self.push("\"");
            self.push(value);
            self.push("\"");
        } else {
            let _ = serde_json::to_writer(self, value);
        }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.inline.get(..self.len).unwrap_or(&self.spilled)
    }
}

impl io::Write for Text {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.push_bytes(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_pushed_is_there_however_long(parts in prop::collection::vec("[ -~é]{0,400}", 0..8)) {
            let mut text = Text::new();
            parts.iter().for_each(|part| text.push(part));
            let plain = parts.concat();
            prop_assert_eq!(text.as_bytes(), plain.as_bytes());
        }

        #[test]
        fn strings_and_numbers_are_written_as_serde_writes_them(string: String, number in 0..i64::MAX) {
            let mut text = Text::new();
            text.push_string(&string);
            text.push_number(number);
            let plain = format!("{}{number}", serde_json::to_string(&string).unwrap());
            prop_assert_eq!(text.as_bytes(), plain.as_bytes());
        }
    }

    #[test]
    fn a_text_that_fills_the_stack_and_one_more() {
        for len in [INLINE - 1, INLINE, INLINE + 1, 3 * INLINE] {
            let mut text = Text::new();
            (0..len).for_each(|_| text.push("x"));
            assert_eq!(text.as_bytes(), "x".repeat(len).as_bytes());
        }
        let mut text = Text::new();
        text.push_number(-1);
        text.push_number(0);
        assert_eq!(text.as_bytes(), b"00");
    }
}
