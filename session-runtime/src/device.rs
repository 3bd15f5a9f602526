//! What is known of the device that a session is used from. It is shown to people and decides nothing: all of it is the client's own word,
//! but for the address.

use std::net::IpAddr;

/// The device that a session is used from, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Device {
    /// What the user or the application calls it, up to 128 characters.
    pub(crate) label: Option<String>,
    /// The request's `User-Agent`, up to 512 characters of it.
    pub(crate) user_agent: Option<String>,
    pub(crate) address: Option<IpAddr>,
}

/// The longest that are kept, in characters: what the columns hold.
const LONGEST_LABEL: usize = 128;
const LONGEST_USER_AGENT: usize = 512;

impl Device {
    pub(crate) fn label_of(text: &str) -> Option<String> {
        presentable(text, LONGEST_LABEL)
    }

    /// A `User-Agent` of any bytes and any length.
    pub(crate) fn user_agent_of(bytes: &[u8]) -> Option<String> {
        // A character has up to four bytes; one more than is kept, so that none is cut in two.
        let kept = bytes.get(..(LONGEST_USER_AGENT + 1) * 4).unwrap_or(bytes);
        presentable(&String::from_utf8_lossy(kept), LONGEST_USER_AGENT)
    }

    /// Where it is now seen from. What is not known this time stays as it was; the label always does.
    pub(crate) fn seen_as(self, seen: Self) -> Self {
        Self {
            label: self.label,
            user_agent: seen.user_agent.or(self.user_agent),
            address: seen.address.or(self.address),
        }
    }
}

/// Text that can be shown beside other text: what would break or turn the line it stands in becomes a space. Nothing where nothing is
/// left of it.
fn presentable(text: &str, longest: usize) -> Option<String> {
    let spaced = |c: char| if breaks_a_line(c) { ' ' } else { c };
    let kept: String = text.chars().map(spaced).skip_while(|c| c.is_whitespace()).take(longest).collect();
    let kept = kept.trim_end();
    (!kept.is_empty()).then(|| kept.to_owned())
}

/// Control characters, line separators, and the marks that turn the direction of writing.
fn breaks_a_line(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_agent_is_cut_at_a_character_and_shows_no_controls() {
        let of = |bytes: &[u8]| Device::user_agent_of(bytes);
        assert_eq!(of(b"Mozilla/5.0 (X11)").as_deref(), Some("Mozilla/5.0 (X11)"));
        assert_eq!(of(b"a\0b\tc\x7fd\xff").as_deref(), Some("a b c d\u{fffd}"));
        assert_eq!(of("x\u{202e}y\u{2028}z".as_bytes()).as_deref(), Some("x y z"));
        assert_eq!(of(b" \t\0 "), None);
        let long = of(format!("a{}", "🦀".repeat(100_000)).as_bytes()).expect("text");
        assert_eq!((long.chars().count(), long.ends_with('🦀')), (512, true));
    }

    #[test]
    fn a_label_keeps_its_emoji() {
        assert_eq!(Device::label_of("  Ada's 👩‍💻 phone\n").as_deref(), Some("Ada's 👩‍💻 phone"));
        assert_eq!(Device::label_of(&"é".repeat(200)).map(|label| label.chars().count()), Some(128));
        assert_eq!(Device::label_of(""), None);
    }
}
