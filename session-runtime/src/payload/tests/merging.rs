//! Nothing that one side changed is lost, and where it must not matter who was first it does not.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use crate::SessionData;
use crate::payload::{Collection, Counter, Sequence, Unmerged, merge};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, SessionData)]
#[serde(default, rename_all = "camelCase")]
struct Visit {
    #[session_data(merge = max)]
    last_page: u32,
    #[session_data(merge = min)]
    first_seen: i64,
    #[session_data(merge = add)]
    clicks: i32,
    #[session_data(merge = append)]
    trail: Vec<u8>,
    #[session_data(merge = union)]
    tags: BTreeSet<u8>,
    #[session_data(merge = union)]
    basket: BTreeMap<u8, u8>,
    #[session_data(merge = last)]
    theme: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    my_note: Option<u8>,
    #[serde(rename = "no")]
    number: u128,
    #[serde(flatten)]
    more: More,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct More {
    left: u8,
    right: u8,
}

fn visits() -> impl Strategy<Value = Visit> {
    let few = || 0..3_u8;
    let lists = (
        proptest::collection::vec(few(), 0..4),
        proptest::collection::btree_set(few(), 0..3),
        proptest::collection::btree_map(few(), few(), 0..3),
    );
    let numbers = (0..3_u32, -1..2_i64, -5..5_i32, few());
    let plain = (proptest::option::of(few()), 0..2_u128, few(), few());
    (numbers, lists, plain).prop_map(|(numbers, lists, plain)| Visit {
        last_page: numbers.0,
        first_seen: numbers.1,
        clicks: numbers.2,
        theme: numbers.3,
        trail: lists.0,
        tags: lists.1,
        basket: lists.2,
        my_note: plain.0,
        // Beyond what a double tells apart.
        number: u128::MAX - plain.1,
        more: More { left: plain.2, right: plain.3 },
    })
}

fn merged(base: &Visit, mine: &Visit, theirs: &Visit) -> Result<Visit, Vec<String>> {
    merge(base, mine.clone(), theirs.clone()).map_err(|unmerged| match unmerged {
        Unmerged::Conflict(fields) => fields,
        Unmerged::Payload(error) => panic!("{error}"),
    })
}

/// What three-way merging is for one field, said once more in plain words.
#[track_caller]
fn assert_merged<T: PartialEq + Copy + std::fmt::Debug>(base: T, mine: T, theirs: T, stored: T, rule: Option<T>) {
    let expected = match (mine == base, theirs == base) {
        (true, _) => theirs,
        (_, true) => mine,
        _ => rule.unwrap_or(mine),
    };
    assert_eq!(stored, expected, "{base:?} became {mine:?} here and {theirs:?} there");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn what_one_side_left_alone_is_as_on_the_other(base in visits(), other in visits()) {
        prop_assert_eq!(merged(&base, &other, &base), Ok(other.clone()));
        prop_assert_eq!(merged(&base, &base, &other), Ok(other));
    }

    #[test]
    fn every_field_is_merged_by_its_own_rule_or_named(base in visits(), mine in visits(), theirs in visits()) {
        match merged(&base, &mine, &theirs) {
            Ok(stored) => {
                let pick = |of: fn(&Visit) -> i64| [of(&base), of(&mine), of(&theirs), of(&stored)];
                let [b, m, t, s] = pick(|visit| visit.last_page.into());
                assert_merged(b, m, t, s, Some(m.max(t)));
                let [b, m, t, s] = pick(|visit| visit.first_seen);
                assert_merged(b, m, t, s, Some(m.min(t)));
                let [b, m, t, s] = pick(|visit| visit.clicks.into());
                assert_merged(b, m, t, s, Some(t + m - b));
                let [b, m, t, s] = pick(|visit| visit.theme.into());
                assert_merged(b, m, t, s, Some(m));
                assert_merged(base.my_note, mine.my_note, theirs.my_note, stored.my_note, None);
                assert_merged(base.number, mine.number, theirs.number, stored.number, None);
                prop_assert!(stored.number == mine.number || stored.number == theirs.number);
            }
            Err(fields) => {
                let known = ["trail", "basket", "myNote", "no", "left", "right"];
                prop_assert!(fields.iter().all(|field| known.contains(&field.as_str())), "{fields:?}");
                let apart = |of: fn(&Visit) -> u128| of(&base) != of(&mine) && of(&base) != of(&theirs) && of(&mine) != of(&theirs);
                prop_assert_eq!(fields.contains(&"no".to_owned()), apart(|visit| visit.number));
            }
        }
    }

    #[test]
    fn who_was_first_matters_to_last_and_to_the_order_of_a_list_only(base in visits(), mine in visits(), theirs in visits()) {
        let sides = [merged(&base, &mine, &theirs), merged(&base, &theirs, &mine)];
        let [left, right] = sides.map(|side| side.map(|visit| {
            let mut trail = visit.trail.clone();
            trail.sort_unstable();
            Visit { theme: 0, trail, ..visit }
        }).map_err(|fields| fields.len()));
        prop_assert_eq!(left, right);
    }

    #[test]
    fn counted_steps_add_up_in_every_order(start in any::<i8>(), steps in proptest::collection::vec(-3..4_i8, 1..8)) {
        let stored = steps.iter().try_fold(start, |stored, step| i8::add(&start, &start.checked_add(*step)?, &stored));
        let exact = i32::from(start) + steps.iter().copied().map(i32::from).sum::<i32>();
        if let Some(stored) = stored {
            prop_assert_eq!(i32::from(stored), exact);
        }
    }

    #[test]
    fn what_was_appended_on_either_side_is_there(base: Vec<u8>, mine: Vec<u8>, theirs: Vec<u8>) {
        let (own, other) = ([base.clone(), mine.clone()].concat(), [base.clone(), theirs.clone()].concat());
        let both = [base.clone(), theirs, mine.clone()].concat();
        prop_assert_eq!(Sequence::append(&base, &own, &other), Some(both));
        prop_assert_eq!(Sequence::append(&base, &own, &vec![]), Some(mine), "what they cleared stays cleared");
    }

    #[test]
    fn a_set_has_what_either_added_and_nothing_that_either_removed(
        base: BTreeSet<u8>, mine: BTreeSet<u8>, theirs: BTreeSet<u8>,
    ) {
        let merged = Collection::union(&base, &mine, &theirs).expect("sets have no conflicts");
        for item in 0..=u8::MAX {
            let [before, own, other] = [&base, &mine, &theirs].map(|set| set.contains(&item));
            prop_assert_eq!(merged.contains(&item), if own == before { other } else { own });
        }
    }
}

#[test]
fn all_fields_that_cannot_be_merged_are_named() {
    let visit = |note: u8, number: u128, left: u8| Visit {
        my_note: Some(note),
        number,
        more: More { left, right: 0 },
        ..Visit::default()
    };
    assert_eq!(
        merged(&visit(0, 0, 0), &visit(1, 1, 1), &visit(2, 2, 2)),
        Err(vec!["myNote".into(), "no".into(), "left".into()])
    );
    assert_eq!(merged(&visit(0, 0, 0), &visit(1, 0, 1), &visit(1, 0, 1)), Ok(visit(1, 0, 1)), "both wrote the same");
}

#[test]
fn flattened_fields_are_one_value() {
    let more = |left, right| Visit { more: More { left, right }, ..Visit::default() };
    assert_eq!(merged(&more(0, 0), &more(1, 0), &more(0, 1)), Err(vec!["left".into()]));
}

#[test]
fn two_who_count_the_same_have_counted_two() {
    let clicks = |clicks| Visit { clicks, ..Visit::default() };
    assert_eq!(merged(&clicks(5), &clicks(6), &clicks(6)), Ok(clicks(7)));
    assert_eq!(merged(&clicks(0), &clicks(i32::MAX), &clicks(1)), Err(vec!["clicks".into()]), "beyond the type");
}

#[test]
fn the_whole_range_of_a_number_can_be_counted() {
    assert_eq!(i8::add(&i8::MIN, &i8::MAX, &i8::MIN), Some(i8::MAX));
    assert_eq!(i8::add(&i8::MAX, &i8::MIN, &i8::MAX), Some(i8::MIN));
    assert_eq!(u128::add(&0, &u128::MAX, &0), Some(u128::MAX));
    assert_eq!(u8::add(&10, &4, &5), None);
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, SessionData)]
#[serde(tag = "step")]
enum Checkout {
    #[default]
    Cart,
    Paying {
        amount: u32,
        coupon: u32,
    },
}

#[test]
fn an_enum_is_one_field_so_that_no_two_variants_are_mixed() {
    let paying = |amount, coupon| Checkout::Paying { amount, coupon };
    assert_eq!(merge(&Checkout::Cart, paying(1, 1), Checkout::Cart).ok(), Some(paying(1, 1)));
    assert_eq!(merge(&paying(1, 1), paying(1, 1), Checkout::Cart).ok(), Some(Checkout::Cart));
    let conflict = merge(&paying(1, 1), paying(2, 1), paying(1, 2));
    assert!(matches!(conflict, Err(Unmerged::Conflict(fields)) if fields == ["amount"]));
}
