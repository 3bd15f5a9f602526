//! The promises of the rotation rule, each shown by visiting every state that its world can reach. In all of them two nodes run
//! interleaved between any two statements, handlers are dropped and nodes crash at any point, and messages are lost.

use std::sync::LazyLock;
use std::time::Duration;

use session_runtime::rotation::{self, Decision, RotationRule, RotationState};
use session_runtime::{Generation, Recovery, Timestamp};

use super::explorer::Report;
use super::world::{Event, GRACE, Network, Party, Promise, Requests, Uses, World};

/// Two tabs on one cookie jar, and a network that is never later than it may be.
pub(super) const HONEST: World = World {
    decide: rotation::decide,
    rule: RotationRule { grace: GRACE, recovery: Recovery::WhileUnconfirmed },
    flaw: None,
    network: Network::IN_TIME,
    tabs: 2,
    under_way: 2,
    slow_notes: true,
    thief: false,
    uses: Uses::KnownToTheNode,
    ends: false,
    time_passes: true,
    failovers: 0,
};

/// A thief beside the user, each with a request under way, and no assumption about the network.
pub(super) const RIVALS: World = World { network: Network::ANY, thief: true, tabs: 1, slow_notes: false, ..HONEST };

/// The two of them one after the other, while notes take their time to be written.
pub(super) const TURNS: World = World { under_way: 1, slow_notes: true, ..RIVALS };

/// The user signs out, and the session's time runs out, while refreshes are under way.
pub(super) const ENDING: World = World { ends: true, slow_notes: false, ..HONEST };

/// The database falls back to any earlier state.
pub(super) const FAILING: World = World { failovers: 1, slow_notes: false, tabs: 1, ..HONEST };

const STRICT: RotationRule = RotationRule { grace: Duration::ZERO, recovery: Recovery::Never };

static HONEST_REPORT: LazyLock<Report> = LazyLock::new(|| visited("honest", HONEST));
static RIVALS_REPORT: LazyLock<Report> = LazyLock::new(|| visited("rivals", RIVALS));
static TURNS_REPORT: LazyLock<Report> = LazyLock::new(|| visited("turns", TURNS));
static ENDING_REPORT: LazyLock<Report> = LazyLock::new(|| visited("ending", ENDING));
static FAILING_REPORT: LazyLock<Report> = LazyLock::new(|| visited("failing", FAILING));

fn visited(name: &str, world: World) -> Report {
    let report = world.explore();
    println!("{name}: {} states, {} steps", report.states.len(), report.steps);
    report
}

fn assert_kept(report: &Report, promise: Promise) {
    assert_eq!(report.broken.get(&promise), None, "{promise:?}");
}

/// Clients that share a cookie jar (tabs, retries) are never signed out, whatever is lost for good and wherever a node crashes, as
/// long as each refresh request is decided while its token is fresh, and no response overtakes the next one into the jar.
///
/// A token is fresh while it is of the current generation; or of the one before, until the grace is over *and* the
/// current one was seen in use. That the jar's own token is always fresh is not assumed; it follows.
#[test]
fn honest_clients_are_never_signed_out() {
    assert_kept(&HONEST_REPORT, Promise::HonestStaySignedIn);
}

/// The boundary, first side: a response that comes into the jar after the next rotation's puts an old token there. Presented
/// after the grace, it is a replay.
#[test]
fn a_response_that_comes_after_the_next_one_can_sign_the_user_out() {
    let late = World { network: Network { responses_in_order: false, ..Network::IN_TIME }, ..HONEST };
    let way = late.way_to_break(Promise::HonestStaySignedIn).expect("the boundary is exact");
    let arrived = way.iter().filter(|event| matches!(event, Event::Deliver { .. })).count();
    assert_eq!(arrived, 3, "the late one comes after the two in order: {way:?}");
}

/// What comes late by one rotation does no harm where the jar is refreshed again before the grace is over, or before
/// the newer generation is used.
#[test]
fn a_late_response_is_harmless_while_its_token_is_fresh() {
    let network = Network { responses_in_order: false, jar_stays_fresh: true, ..Network::IN_TIME };
    assert_kept(&World { network, ..HONEST }.explore(), Promise::HonestStaySignedIn);
}

/// The boundary, second side: a request that is decided after the grace, while the answer to its twin is in use already.
#[test]
fn a_request_decided_after_the_grace_can_sign_the_user_out() {
    let late = World { network: Network { requests: Requests::NotOvertaken, ..Network::IN_TIME }, ..HONEST };
    let way = late.way_to_break(Promise::HonestStaySignedIn).expect("the boundary is exact");
    assert_eq!((sent(&way), ticks(&way)), (2, 2), "{way:?}");
    assert!(way.iter().any(|event| matches!(event, Event::Use { .. })), "{way:?}");
}

/// The boundary, third side: a request that is decided after the jar's next rotation, be it within the grace.
#[test]
fn a_request_decided_after_the_next_rotation_can_sign_the_user_out() {
    let network = Network { requests: Requests::Whenever, ..Network::IN_TIME };
    let way = World { network, time_passes: false, ..HONEST }.way_to_break(Promise::HonestStaySignedIn);
    assert_eq!(
        sent(&way.expect("the boundary is exact")),
        3,
        "two rotations, and the one between that came after both"
    );
}

/// What recovery is for: without it, one lost response costs the session of a client that comes back after the grace.
#[test]
fn without_recovery_a_lost_response_signs_the_user_out() {
    let rule = RotationRule { recovery: Recovery::Never, ..HONEST.rule };
    let way = World { rule, tabs: 1, ..HONEST }.way_to_break(Promise::HonestStaySignedIn).expect("it is the price");
    assert!(way.iter().any(|event| matches!(event, Event::Lose { .. })), "{way:?}");
}

/// What the grace is for: without it, the slower of two tabs ends the session that the faster one uses.
#[test]
fn without_a_grace_two_tabs_sign_each_other_out() {
    let rule = RotationRule { grace: Duration::ZERO, ..HONEST.rule };
    let world = World { rule, network: Network { requests: Requests::NotOvertaken, ..Network::IN_TIME }, ..HONEST };
    let way = world.way_to_break(Promise::HonestStaySignedIn).expect("it is the price");
    assert_eq!((sent(&way), ticks(&way)), (2, 0), "{way:?}");
}

/// When a generation was used and the grace is over, a refresh with the one before ends the session, whoever of user and thief
/// comes with it; with an older one also within the grace. A use counts when it is written, or when the node that decides noted it.
#[test]
fn a_reused_token_revokes_the_session() {
    assert_kept(&RIVALS_REPORT, Promise::ReuseIsCaught);
    assert_kept(&TURNS_REPORT, Promise::ReuseIsCaught);
}

/// What notes in memory cost: a use that another node noted and has not written yet does not count; it does when that
/// node's next notes are written.
#[test]
fn a_use_noted_elsewhere_counts_when_it_is_written() {
    let way =
        World { uses: Uses::KnownAnywhere, ..TURNS }.way_to_break(Promise::ReuseIsCaught).expect("it is the price");
    assert!(!way.iter().any(|event| matches!(event, Event::Crash { .. })), "{way:?}");
    assert!(nodes_of_use(&way).all(|node| Some(node) != deciding_node(&way)), "{way:?}");
}

/// What a crash costs: the uses that the node had not written. The one who lags is then given the current generation once more,
/// and the two are told apart after the next use, or the next rotation; [`a_reused_token_revokes_the_session`] goes on behind crashes.
#[test]
fn a_use_that_a_crash_forgot_does_not_count() {
    let way =
        World { uses: Uses::EvenForgotten, ..TURNS }.way_to_break(Promise::ReuseIsCaught).expect("it is the price");
    assert!(way.iter().any(|event| matches!(event, Event::Crash { .. })), "{way:?}");
}

/// What remains possible: a thief who refreshes within the grace of the user's refresh shares the user's generation.
#[test]
fn a_thief_within_the_grace_shares_the_generation() {
    assert!(TURNS_REPORT.states.iter().any(|state| state.parties_share_a_generation()));
}

/// RFC 9700 §4.14.2: without grace and recovery, whatever is presented for the second time ends the session, used or not.
#[test]
fn rfc_9700_4_14_2_the_strict_rule_refuses_every_second_use() {
    let report = World { rule: STRICT, ..TURNS }.explore();
    assert_kept(&report, Promise::ReuseIsCaught);
}

/// Only the row's generation can be rotated from, each is made once, and all who are answered get the one successor of what they
/// presented; so two different successors never live at once.
#[test]
fn there_is_one_generation_to_rotate_from() {
    for report in reports() {
        assert_kept(report, Promise::OneLiveGeneration);
    }
}

/// A session that was revoked or has expired gives no tokens to a refresh that comes after, and its row stays away, whatever was
/// under way.
#[test]
fn a_revoked_session_never_comes_back() {
    for report in reports() {
        assert_kept(report, Promise::RevokedStaysRevoked);
    }
    assert!(ENDING_REPORT.states.iter().any(|state| !state.is_signed_in()));
}

/// A database that lost writes signs nobody out: the token that it never saw moves it forward.
#[test]
fn a_database_that_lost_writes_signs_nobody_out() {
    assert_kept(&FAILING_REPORT, Promise::HonestStaySignedIn);
}

/// No interleaving of two nodes and no crash between two statements breaks any promise.
#[test]
fn no_interleaving_and_no_crash_breaks_a_promise() {
    for report in reports() {
        assert!(report.broken.is_empty(), "{:?}", report.broken);
    }
}

/// The worlds tell generations and times relative to the row and now; that is all that the rule looks at.
#[test]
fn the_rule_looks_at_differences_only() {
    let rule = HONEST.rule;
    for (generation, presented, confirmed) in small_numbers() {
        for age in [0, 1, 29_999, 30_000, 30_001, 90_000] {
            let decided = |by: u32, later: i64| {
                let now = Timestamp::from_millis(1_000_000 + later);
                let row = RotationState {
                    generation: Generation::new(generation + by),
                    confirmed,
                    rotated_at: Timestamp::from_millis(now.as_millis() - age),
                    expires_at: now.after(GRACE),
                };
                relative_to(by, rotation::decide(&row, Generation::new(presented + by), now, &rule))
            };
            assert_eq!(decided(0, 0), decided(1000, 77_777), "{generation} {presented} {confirmed} {age}");
        }
    }
}

fn reports() -> [&'static Report; 5] {
    [&HONEST_REPORT, &RIVALS_REPORT, &TURNS_REPORT, &ENDING_REPORT, &FAILING_REPORT]
}

fn sent(way: &[Event]) -> usize {
    way.iter().filter(|event| matches!(event, Event::Send(Party::Honest))).count()
}

fn ticks(way: &[Event]) -> usize {
    way.iter().filter(|event| matches!(event, Event::Tick)).count()
}

fn nodes_of_use(way: &[Event]) -> impl Iterator<Item = usize> + '_ {
    way.iter().filter_map(|event| match event {
        Event::Use { node, .. } => Some(*node),
        _ => None,
    })
}

fn deciding_node(way: &[Event]) -> Option<usize> {
    way.iter().rev().find_map(|event| match event {
        Event::Begin { node, .. } => Some(*node),
        _ => None,
    })
}

fn small_numbers() -> impl Iterator<Item = (u32, u32, bool)> {
    (0..6).flat_map(|generation| {
        (0..8).flat_map(move |presented| [true, false].map(|confirmed| (generation, presented, confirmed)))
    })
}

fn relative_to(by: u32, decision: Decision) -> Decision {
    let back = |next: Generation| Generation::new(next.number() - by);
    match decision {
        Decision::Rotate { next } => Decision::Rotate { next: back(next) },
        Decision::FastForward { next } => Decision::FastForward { next: back(next) },
        other => other,
    }
}
