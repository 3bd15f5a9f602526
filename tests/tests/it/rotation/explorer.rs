//! Visits every state that a world can reach, breadth first, so that the first way to break a promise is a shortest one.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use super::world::{Event, Promise, State, World};

/// What an exploration found.
pub(crate) struct Report {
    /// Every state that can be reached.
    pub(crate) states: Vec<State>,
    /// A shortest way to break each promise that can be broken.
    pub(crate) broken: BTreeMap<Promise, Vec<Event>>,
    /// How many steps there are between the states.
    pub(crate) steps: usize,
}

impl World {
    /// Visits everything; behind a broken promise it does not go on.
    pub(crate) fn explore(&self) -> Report {
        self.explore_until(|_| false)
    }

    /// A shortest way to break the promise, if it can be broken.
    pub(crate) fn way_to_break(&self, promise: Promise) -> Option<Vec<Event>> {
        self.explore_until(|report| report.broken.contains_key(&promise)).broken.remove(&promise)
    }

    fn explore_until(&self, enough: impl Fn(&Report) -> bool) -> Report {
        let events = self.events();
        let mut report = Report { states: vec![self.start()], broken: BTreeMap::new(), steps: 0 };
        let mut came_from = vec![(0, Event::Tick)];
        let mut known = HashSet::with_hasher(BuildHasherDefault::<Mixer>::default());
        known.insert(self.start());
        let mut next = 0;
        while let Some(state) = report.states.get(next).copied().filter(|_| !enough(&report)) {
            for &event in &events {
                match self.apply(&state, event) {
                    None => continue,
                    Some(Ok(reached)) => {
                        if known.insert(reached) {
                            report.states.push(reached);
                            came_from.push((next, event));
                        }
                    }
                    Some(Err(promise)) => {
                        report.broken.entry(promise).or_insert_with(|| way(&came_from, next, event));
                    }
                }
                report.steps += 1;
            }
            next += 1;
        }
        report
    }
}

/// The events that lead to a state, and then `last`.
fn way(came_from: &[(usize, Event)], mut state: usize, last: Event) -> Vec<Event> {
    let mut way = vec![last];
    while state != 0 {
        let (before, event) = came_from[state];
        way.push(event);
        state = before;
    }
    way.reverse();
    way
}

/// Quick, and no defence against chosen keys, which nobody chooses here.
#[derive(Default)]
struct Mixer(u64);

impl Hasher for Mixer {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u8(*byte));
    }

    fn write_u8(&mut self, value: u8) {
        self.write_u64(value.into());
    }

    fn write_i8(&mut self, value: i8) {
        self.write_u64(value as u64);
    }

    fn write_isize(&mut self, value: isize) {
        self.write_u64(value as u64);
    }

    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = (self.0.rotate_left(5) ^ value).wrapping_mul(0x51_7c_c1_b7_27_22_0a_95);
    }

    fn finish(&self) -> u64 {
        self.0.rotate_left(26)
    }
}
