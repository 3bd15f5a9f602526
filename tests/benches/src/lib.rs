//! Measures contenders side by side: they alternate in one process, in batches, and what counts are the ratios within a round.
//!
//! `cargo bench -p session-benches`, or with `-- --quick`. `docs/performance.md` says what came out.

#![allow(clippy::print_stdout, reason = "a table is what it is for")]

pub mod door;
pub mod payload;

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// One thing that is measured.
struct Contender<'a> {
    name: &'static str,
    run: Box<dyn FnMut() + 'a>,
    /// How often it runs in a batch.
    batch: u32,
    /// Nanoseconds a run, of each round.
    rounds: Vec<f64>,
}

/// What alternates.
#[derive(Default)]
#[allow(missing_debug_implementations, reason = "contenders are closures")]
pub struct Race<'a> {
    contenders: Vec<Contender<'a>>,
}

/// How long to measure.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    rounds: usize,
    batch: Duration,
}

impl Effort {
    /// Of the program's arguments: `--quick`, or thorough.
    #[must_use]
    pub fn from_args() -> Self {
        let quick = std::env::args().any(|arg| arg == "--quick");
        let (rounds, millis) = if quick { (60, 2) } else { (400, 3) };
        Self { rounds, batch: Duration::from_millis(millis) }
    }
}

impl<'a> Race<'a> {
    /// Adds a contender. What it returns is used, as far as the compiler can tell.
    #[must_use]
    pub fn with<T>(mut self, name: &'static str, mut run: impl FnMut() -> T + 'a) -> Self {
        let run = Box::new(move || {
            black_box(run());
        });
        self.contenders.push(Contender { name, run, batch: 1, rounds: Vec::new() });
        self
    }

    /// Runs all of them, round after round, each time beginning with another.
    #[must_use]
    pub fn run(self, effort: Effort) -> Figures {
        self.run_as(effort, |_, contender| contender.measure())
    }

    /// As [`run`](Self::run), each while another thread does the same, which is the one of `others` in its place.
    #[must_use]
    pub fn run_beside(self, effort: Effort, others: &[&(dyn Fn() + Sync)]) -> Figures {
        self.run_as(effort, |place, contender| match others.get(place) {
            Some(other) => beside(other, || contender.measure()),
            None => contender.measure(),
        })
    }

    fn run_as(mut self, effort: Effort, measure: impl Fn(usize, &mut Contender<'_>) -> f64) -> Figures {
        for contender in &mut self.contenders {
            contender.calibrate(effort.batch);
        }
        for round in 0..effort.rounds {
            let count = self.contenders.len();
            for place in (0..count).map(|place| (round + place) % count) {
                if let Some(contender) = self.contenders.get_mut(place) {
                    let nanos = measure(place, contender);
                    contender.rounds.push(nanos);
                }
            }
        }
        Figures(self.contenders.into_iter().map(|contender| (contender.name, contender.rounds)).collect())
    }
}

fn beside<T>(other: &(dyn Fn() + Sync), work: impl FnOnce() -> T) -> T {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                other();
            }
        });
        let done = work();
        is_over.store(true, Ordering::Relaxed);
        done
    })
}

impl Contender<'_> {
    fn calibrate(&mut self, batch: Duration) {
        while self.batch < 1 << 24 {
            let nanos = self.measure() * f64::from(self.batch);
            if nanos >= batch.as_nanos() as f64 / 2.0 {
                break;
            }
            self.batch *= 2;
        }
    }

    #[allow(clippy::disallowed_methods, reason = "measuring is reading the time")]
    fn measure(&mut self) -> f64 {
        let start = Instant::now();
        for _ in 0..self.batch {
            (self.run)();
        }
        start.elapsed().as_nanos() as f64 / f64::from(self.batch)
    }
}

/// What came out of a race: nanoseconds a run, of each round.
#[derive(Debug)]
pub struct Figures(Vec<(&'static str, Vec<f64>)>);

impl Figures {
    /// The median of a contender, in nanoseconds.
    #[must_use]
    pub fn nanos(&self, name: &str) -> f64 {
        median(self.of(name).to_vec())
    }

    /// The median, over the rounds, of one contender against the sum of others.
    #[must_use]
    pub fn ratio(&self, name: &str, against: &[&str]) -> f64 {
        let ours = self.of(name).iter().enumerate();
        median(ours.map(|(round, nanos)| nanos / self.sum(against, round)).collect())
    }

    /// The median of one contender less another, in nanoseconds.
    #[must_use]
    pub fn difference(&self, name: &str, less: &str) -> f64 {
        median(self.of(name).iter().zip(self.of(less)).map(|(one, other)| one - other).collect())
    }

    /// The median of a sum, in nanoseconds.
    #[must_use]
    pub fn nanos_of(&self, names: &[&str]) -> f64 {
        let rounds = self.0.first().map_or(0, |(_, rounds)| rounds.len());
        median((0..rounds).map(|round| self.sum(names, round)).collect())
    }

    fn sum(&self, names: &[&str], round: usize) -> f64 {
        names.iter().filter_map(|name| self.of(name).get(round)).sum()
    }

    fn of(&self, name: &str) -> &[f64] {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found.map(|(_, rounds)| rounds.as_slice()).expect("a contender of that name runs")
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// How long to measure what waits for a disk.
#[derive(Clone, Copy, Debug)]
pub struct StoreEffort {
    /// Rounds, in each of which every contender has its turn.
    pub rounds: usize,
    writes: usize,
}

impl StoreEffort {
    /// Of the program's arguments: `--quick`, or thorough.
    #[must_use]
    pub fn from_args() -> Self {
        let quick = std::env::args().any(|arg| arg == "--quick");
        Self { rounds: if quick { 7 } else { 21 }, writes: if quick { 400 } else { 800 } }
    }

    /// How many writes a turn has; more where many are done at a time.
    #[must_use]
    pub const fn writes(self, at_a_time: usize) -> usize {
        if at_a_time < 32 { self.writes } else { 8 * self.writes / at_a_time * at_a_time }
    }
}

/// Whether a row is asked for: the program's arguments say what its name has in it, and without any all are.
#[must_use]
pub fn is_asked_for(row: &str) -> bool {
    let mut asked = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).peekable();
    asked.peek().is_none() || asked.any(|part| row.contains(&part))
}

/// Two contenders, in turns: nanoseconds a run, of each round.
#[derive(Debug, Default)]
#[allow(clippy::exhaustive_structs, reason = "two lists")]
pub struct Series {
    /// Ours.
    pub ours: Vec<f64>,
    /// The baseline's.
    pub theirs: Vec<f64>,
}

impl Series {
    fn ratio(&self) -> f64 {
        median(self.ours.iter().zip(&self.theirs).map(|(ours, theirs)| ours / theirs).collect())
    }
}

/// The table, a line at a time.
#[derive(Debug)]
pub struct Table;

impl Table {
    /// Prints the head.
    #[must_use]
    pub fn begin() -> Self {
        println!("| what | ours, ns | baseline | ns | ratio | goal | met |");
        println!("|---|---:|---|---:|---:|---:|---|");
        Self
    }

    /// A line about a ratio, ours to the baseline's, which shall be `most` at the most.
    pub fn ratio(&self, figures: &Figures, what: &str, ours: &str, baseline: (&str, &[&str]), most: f64) {
        let (name, parts) = baseline;
        let ratio = figures.ratio(ours, parts);
        let (ours, theirs) = (figures.nanos(ours), figures.nanos_of(parts));
        println!("| {what} | {ours:.0} | {name} | {theirs:.0} | {ratio:.2} | ≤ {most:.2} | {} |", met(ratio <= most));
    }

    /// A line about a series, whose ratio shall be `most` at the most.
    pub fn series(&self, what: &str, series: &Series, baseline: &str, most: f64) {
        let ratio = series.ratio();
        let (ours, theirs) = (median(series.ours.clone()), median(series.theirs.clone()));
        println!(
            "| {what} | {ours:.0} | {baseline} | {theirs:.0} | {ratio:.2} | ≤ {most:.2} | {} |",
            met(ratio <= most)
        );
    }

    /// A line about a cost in nanoseconds, which shall be `most` at the most.
    pub fn nanos(&self, what: &str, nanos: f64, most: f64) {
        println!("| {what} | {nanos:.0} | | | | ≤ {most:.0} ns | {} |", met(nanos <= most));
    }
}

const fn met(is_met: bool) -> &'static str {
    if is_met { "yes" } else { "no" }
}
