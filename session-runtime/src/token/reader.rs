//! Reads the claims that `access` writes, in the order in which it writes them.
//!
//! What passed the MAC was written by this library, so its text is known up to the values. Anything else, however
//! reasonable as JSON (spaces, another order, a name twice, a fraction), is refused, not interpreted.

use std::borrow::Cow;

use crate::scan;

pub(super) struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    /// Takes exactly this text.
    pub(super) fn literal(&mut self, text: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(text)?;
        Some(())
    }

    /// Takes so many bytes, if they are whole characters.
    pub(super) fn take(&mut self, len: usize) -> Option<&'a str> {
        let (taken, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(taken)
    }

    /// Takes this text if it comes next.
    pub(super) fn optional(&mut self, text: &str) -> bool {
        self.literal(text).is_some()
    }

    /// Takes a JSON string.
    pub(super) fn string(&mut self) -> Option<Cow<'a, str>> {
        let inner = self.rest.strip_prefix('"')?;
        if let Some(len) = scan::plain_len(inner.as_bytes()).filter(|len| inner.as_bytes().get(*len) == Some(&b'"')) {
            return self.take(len + 2)?.get(1..=len).map(Cow::Borrowed);
        }
        let len = inner.bytes().position(|byte| matches!(byte, b'"' | b'\\'))?;
        if inner.as_bytes().get(len) == Some(&b'\\') {
            let end = end_of_string(inner.as_bytes())?;
            return serde_json::from_str(self.take(end + 2)?).ok().map(Cow::Owned);
        }
        self.take(len + 2)?.get(1..=len).map(Cow::Borrowed)
    }

    /// Takes a number as we write it: digits, no sign, no leading zero, no fraction (RFC 7519 §2 NumericDate included).
    pub(super) fn integer<T: TryFrom<u64>>(&mut self) -> Option<T> {
        let (number, len) = scan::integer(self.rest.as_bytes())?;
        self.take(len)?;
        T::try_from(number).ok()
    }

    /// What is left.
    pub(super) const fn rest(&self) -> &'a str {
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
        let mut reader = Reader::new(r#""a\\\"b","c",1"#);
        assert_eq!(reader.string().unwrap(), r#"a\"b"#);
        reader.literal(",").unwrap();
        assert!(matches!(reader.string(), Some(Cow::Borrowed("c"))));
        assert_eq!(reader.rest(), ",1");
    }

    #[test]
    fn numbers_are_taken_in_one_spelling_only() {
        for refused in ["", "-1", "01", "00", "18446744073709551616", "99999999999999999999999", "x"] {
            assert_eq!(Reader::new(refused).integer::<u64>(), None, "{refused}");
        }
        assert_eq!(Reader::new("4294967296").integer::<u32>(), None);
        let mut reader = Reader::new("10.5");
        assert_eq!(reader.integer::<u64>(), Some(10));
        assert_eq!(reader.literal(","), None);
        assert_eq!(reader.literal(".5"), Some(()));
        assert_eq!(Reader::new("0").integer::<u64>(), Some(0));
        for largest in [9_999_999_999_999_999_999, u64::MAX] {
            assert_eq!(Reader::new(&largest.to_string()).integer(), Some(largest));
        }
    }

    #[test]
    fn an_unclosed_string_is_refused() {
        for text in [r#""abc\""#, r#""abc"#, r#"""#, "", "abc\""] {
            assert_eq!(Reader::new(text).string(), None, "{text}");
        }
    }
}
