//! The exploration must be able to fail: rules and desks that are wrong in one point each, and the promise that each of them breaks.

use std::time::Duration;

use session_runtime::rotation::{Decision, ReuseClass, RotationRule, RotationState, decide};
use session_runtime::{Generation, Recovery, Timestamp};

use super::explore::{ENDING, FAILING, HONEST, RIVALS, TURNS};
use super::world::{Decide, Flaw, Promise, World};

const MILLISECOND: Duration = Duration::from_millis(1);

/// A rule with one mistake, where it shows, and what it breaks.
#[test]
fn a_broken_rule_is_caught() {
    use Promise::{HonestStaySignedIn, OneLiveGeneration, ReuseIsCaught, RevokedStaysRevoked};
    let rules: [(&str, Decide, World, Promise); 13] = [
        ("a grace that ends one instant early", shorter_grace, HONEST, HonestStaySignedIn),
        ("a grace that ends one instant late", longer_grace, TURNS, ReuseIsCaught),
        ("no grace", no_grace, HONEST, HonestStaySignedIn),
        ("no recovery", no_recovery, HONEST, HonestStaySignedIn),
        ("recovery of what was confirmed", recovers_confirmed, TURNS, ReuseIsCaught),
        ("everything counts as confirmed", always_confirmed, HONEST, HonestStaySignedIn),
        ("stale tokens are repeated", repeats_stale, TURNS, ReuseIsCaught),
        ("a racing tab rotates once more", rotates_repeats, HONEST, OneLiveGeneration),
        ("the current generation is repeated", repeats_current, HONEST, OneLiveGeneration),
        ("what the database lost is a reuse", refuses_newer, FAILING, HonestStaySignedIn),
        ("what the database lost is answered from the row", repeats_newer, FAILING, OneLiveGeneration),
        ("forward to the row's successor", forward_from_row, FAILING, OneLiveGeneration),
        ("the expiry is not looked at", never_expires, ENDING, RevokedStaysRevoked),
    ];
    for (mistake, decide, world, promise) in rules {
        assert!(World { decide, ..world }.way_to_break(promise).is_some(), "not caught: {mistake}");
    }
}

/// The rule is right, what carries it out is not.
#[test]
fn a_broken_desk_is_caught() {
    use Promise::{HonestStaySignedIn, OneLiveGeneration, ReuseIsCaught, RevokedStaysRevoked};
    for (flaw, world, promise) in [
        (Flaw::SwapComparesNothing, HONEST, OneLiveGeneration),
        (Flaw::SavesBringRowsBack, ENDING, RevokedStaysRevoked),
        (Flaw::NotesConfirmAnyGeneration, HONEST, HonestStaySignedIn),
        (Flaw::RotationKeepsConfirmed, HONEST, HonestStaySignedIn),
        (Flaw::NotesKeepTheOldest, RIVALS, ReuseIsCaught),
        (Flaw::OwnNotesAreIgnored, RIVALS, ReuseIsCaught),
        (Flaw::OwnNotesAreReadAfterTheRow, TURNS, ReuseIsCaught),
        (Flaw::NotesAreTakenBeforeTheyAreWritten, TURNS, ReuseIsCaught),
    ] {
        let way = World { flaw: Some(flaw), ..world }.way_to_break(promise);
        assert!(way.is_some(), "not caught: {flaw:?}");
        println!("{flaw:?}: {way:?}");
    }
}

fn shorter_grace(row: &RotationState, presented: Generation, now: Timestamp, rule: &RotationRule) -> Decision {
    decide(row, presented, now, &RotationRule { grace: rule.grace - MILLISECOND, ..*rule })
}

fn longer_grace(row: &RotationState, presented: Generation, now: Timestamp, rule: &RotationRule) -> Decision {
    decide(row, presented, now, &RotationRule { grace: rule.grace + MILLISECOND, ..*rule })
}

fn no_grace(row: &RotationState, presented: Generation, now: Timestamp, rule: &RotationRule) -> Decision {
    decide(row, presented, now, &RotationRule { grace: Duration::ZERO, ..*rule })
}

fn no_recovery(row: &RotationState, presented: Generation, now: Timestamp, rule: &RotationRule) -> Decision {
    decide(row, presented, now, &RotationRule { recovery: Recovery::Never, ..*rule })
}

fn recovers_confirmed(row: &RotationState, presented: Generation, now: Timestamp, rule: &RotationRule) -> Decision {
    decide(&RotationState { confirmed: false, ..*row }, presented, now, rule)
}

fn always_confirmed(row: &RotationState, presented: Generation, now: Timestamp, rule: &RotationRule) -> Decision {
    decide(&RotationState { confirmed: true, ..*row }, presented, now, rule)
}

fn repeats_stale(row: &RotationState, presented: Generation, now: Timestamp, rule: &RotationRule) -> Decision {
    match decide(row, presented, now, rule) {
        Decision::Reused(ReuseClass::Stale) => Decision::Repeat,
        decision => decision,
    }
}

fn rotates_repeats(row: &RotationState, presented: Generation, now: Timestamp, rule: &RotationRule) -> Decision {
    match decide(row, presented, now, rule) {
        Decision::Repeat => Decision::Rotate { next: row.generation.next() },
        decision => decision,
    }
}

fn repeats_current(row: &RotationState, presented: Generation, now: Timestamp, rule: &RotationRule) -> Decision {
    match decide(row, presented, now, rule) {
        Decision::Rotate { .. } => Decision::Repeat,
        decision => decision,
    }
}

fn refuses_newer(row: &RotationState, presented: Generation, now: Timestamp, rule: &RotationRule) -> Decision {
    match decide(row, presented, now, rule) {
        Decision::FastForward { .. } => Decision::Reused(ReuseClass::Stale),
        decision => decision,
    }
}

fn repeats_newer(row: &RotationState, presented: Generation, now: Timestamp, rule: &RotationRule) -> Decision {
    match decide(row, presented, now, rule) {
        Decision::FastForward { .. } => Decision::Repeat,
        decision => decision,
    }
}

fn forward_from_row(row: &RotationState, presented: Generation, now: Timestamp, rule: &RotationRule) -> Decision {
    match decide(row, presented, now, rule) {
        Decision::FastForward { .. } => Decision::FastForward { next: row.generation.next() },
        decision => decision,
    }
}

fn never_expires(row: &RotationState, presented: Generation, now: Timestamp, rule: &RotationRule) -> Decision {
    decide(&RotationState { expires_at: now.after(rule.grace), ..*row }, presented, now, rule)
}
