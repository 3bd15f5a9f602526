//! Waiting for a time spread at random, so that those who met once do not meet again.

use std::time::Duration;

use crate::secret;

/// The first wait is this at most, each further one at most twice as long, and none longer than the last.
const FIRST: Duration = Duration::from_millis(4);
const LONGEST: Duration = Duration::from_millis(250);

/// Waits before the try after the one of this number, counted from 0.
pub(crate) async fn back_off(attempt: usize) {
    let most = FIRST.saturating_mul(1 << attempt.min(16)).min(LONGEST);
    tokio::time::sleep(part_of(most)).await;
}

/// Some part of it, all of it at most and never nothing; half where there is no randomness.
pub(crate) fn part_of(whole: Duration) -> Duration {
    let part = secret::draw::<2>().map_or(1 << 15, |drawn| u16::from_be_bytes(*drawn));
    (whole / (1 << 16)) * (u32::from(part) + 1)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn parts_are_spread_over_the_whole() {
        let whole = Duration::from_secs(10);
        let parts: HashSet<_> = (0..200).map(|_| part_of(whole)).collect();
        assert!(parts.len() > 150, "{}", parts.len());
        assert!(parts.iter().all(|part| !part.is_zero() && *part <= whole));
        assert!(parts.iter().any(|part| *part < whole / 4) && parts.iter().any(|part| *part > whole * 3 / 4));
    }
}
