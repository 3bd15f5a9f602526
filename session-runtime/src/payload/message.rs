//! Sentences that are put together while the compiler runs, where `format!` does not reach.

/// Longest message; longer ones are cut.
const ROOM: usize = 640;

/// A sentence under construction.
#[derive(Clone, Copy)]
pub(super) struct Message {
    bytes: [u8; ROOM],
    len: usize,
}

impl Message {
    /// Starts a sentence.
    pub(super) const fn new(text: &str) -> Self {
        Self { bytes: [0; ROOM], len: 0 }.text(text)
    }

    /// Goes on with text.
    pub(super) const fn text(mut self, text: &str) -> Self {
        let (_, room) = self.bytes.split_at_mut(self.len);
        let fits = if text.len() < room.len() { text.len() } else { room.len() };
        room.split_at_mut(fits).0.copy_from_slice(text.as_bytes().split_at(fits).0);
        self.len += fits;
        self
    }

    /// Goes on with a name, in backticks; a value without one is "this value".
    pub(super) const fn name(self, name: &str) -> Self {
        if name.is_empty() { self.text("this value") } else { self.text("`").text(name).text("`") }
    }

    /// Goes on with a number.
    pub(super) const fn number(self, number: u128) -> Self {
        let before = if number < 10 { self } else { self.number(number / 10) };
        before.text(match number % 10 {
            0 => "0",
            1 => "1",
            2 => "2",
            3 => "3",
            4 => "4",
            5 => "5",
            6 => "6",
            7 => "7",
            8 => "8",
            _ => "9",
        })
    }

    /// Goes on with a number that may be negative.
    pub(super) const fn signed(self, number: i128) -> Self {
        let signed = if number < 0 { self.text("-") } else { self };
        signed.number(number.unsigned_abs())
    }

    /// Ends the build with the sentence, under the tokens of whoever asked: every caller on the way is `track_caller`.
    #[track_caller]
    pub(super) const fn refuse(&self) -> ! {
        match core::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => panic!("{}", text),
            Err(_) => panic!("this type is refused, and the reason is too long to be shown"),
        }
    }
}

/// Whether two texts are equal, for constants.
pub(super) const fn same(left: &str, right: &str) -> bool {
    let (mut left, mut right) = (left.as_bytes(), right.as_bytes());
    while let ([first, others @ ..], [second, remaining @ ..]) = (left, right) {
        if *first != *second {
            return false;
        }
        (left, right) = (others, remaining);
    }
    left.is_empty() && right.is_empty()
}

/// Whether a text is among others, for constants.
pub(super) const fn contains(texts: &[&str], wanted: &str) -> bool {
    let mut rest = texts;
    while let [first, others @ ..] = rest {
        if same(first, wanted) {
            return true;
        }
        rest = others;
    }
    false
}
