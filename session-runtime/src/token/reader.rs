//! Reads the claims that `access` writes, in the order in which it writes them.
//!
//! What passed the MAC was written by this library, so its text is known up to the values. Anything else, however
//! reasonable as JSON (spaces, another order, a name twice, a fraction), is refused, not interpreted.

use std::borrow::Cow;

pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) const fn new(text: &'a [u8]) -> Self {
        Self { rest: text }
    }

    /// Takes exactly this text.
    pub(super) fn literal(&mut self, text: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(text.as_bytes())?;
        Some(())
    }

    /// Takes this text if it comes next.
    pub(super) fn optional(&mut self, text: &str) -> bool {
        self.literal(text).is_some()
    }

    /// Takes a JSON string.
    pub(super) fn string(&mut self) -> Option<Cow<'a, str>> {
        let inner = self.rest.strip_prefix(b"\"")?;
        let end = end_of_string(inner)?;
        let (text, rest) = inner.split_at_checked(end)?;
        let quoted = self.rest.get(..end + 2)?;
        self.rest = rest.strip_prefix(b"\"")?;
        if text.contains(&b'\\') {
            return serde_json::from_slice(quoted).ok().map(Cow::Owned);
        }
        std::str::from_utf8(text).ok().map(Cow::Borrowed)
    }

    /// Takes a number as we write it: digits, no sign, no leading zero, no fraction (RFC 7519 §2 NumericDate included).
    pub(super) fn integer<T: std::str::FromStr>(&mut self) -> Option<T> {
        let length = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.rest.split_at_checked(length)?;
        if digits.first() == Some(&b'0') && digits.len() > 1 {
            return None;
        }
        self.rest = rest;
        std::str::from_utf8(digits).ok()?.parse().ok()
    }

    /// What is left.
    pub(super) const fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

/// Where the closing quote stands.
fn end_of_string(text: &[u8]) -> Option<usize> {
    let mut escaped = false;
    text.iter().position(|byte| match byte {
        _ if escaped => {
            escaped = false;
            false
        }
        b'\\' => {
            escaped = true;
            false
        }
        byte => *byte == b'"',
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_end_at_their_own_quote() {
        let mut reader = Reader::new(br#""a\\\"b",1"#);
        assert_eq!(reader.string().unwrap(), r#"a\"b"#);
        assert_eq!(reader.rest(), b",1");
    }

    #[test]
    fn numbers_are_taken_in_one_spelling_only() {
        for refused in ["", "-1", "01", "18446744073709551616"] {
            assert_eq!(Reader::new(refused.as_bytes()).integer::<u64>(), None, "{refused}");
        }
        let mut reader = Reader::new(b"10.5");
        assert_eq!(reader.integer::<u64>(), Some(10));
        assert_eq!(reader.literal(","), None);
    }

    #[test]
    fn an_unclosed_string_is_refused() {
        assert_eq!(Reader::new(br#""abc\""#).string(), None);
    }
}
