//! Collects mistakes, so that one build shows all of them.

use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// The mistakes found so far. It must be asked with [`finish`](Self::finish), or a test build panics.
#[derive(Debug, Default)]
pub(crate) struct Errors {
    found: Vec<syn::Error>,
    asked: bool,
}

impl Errors {
    /// A mistake that the user made in `tokens`; all of them are underlined.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.found.push(syn::Error::new_spanned(tokens, message));
    }

    /// A mistake at a place whose tokens are not at hand.
    pub(crate) fn at_span(&mut self, span: Span, message: impl Display) {
        self.found.push(syn::Error::new(span, message));
    }

    /// A mistake that the parser found.
    pub(crate) fn add(&mut self, error: syn::Error) {
        self.found.push(error);
    }

    /// `None` when nothing was wrong, else one `compile_error!` for each mistake.
    pub(crate) fn finish(mut self) -> Option<TokenStream> {
        self.asked = true;
        let found = std::mem::take(&mut self.found);
        (!found.is_empty()).then(|| found.iter().map(syn::Error::to_compile_error).collect())
    }
}

impl Drop for Errors {
    fn drop(&mut self) {
        debug_assert!(self.asked || std::thread::panicking(), "errors were collected and never reported");
    }
}

/// `, did you mean …` when `word` is a likely misspelling of one of `valid`, else nothing.
pub(crate) fn suggestion(word: &str, valid: &[&str]) -> String {
    let nearest = valid.iter().map(|candidate| (distance(word, candidate), candidate)).min();
    match nearest {
        Some((steps, candidate)) if steps <= 1 + candidate.len() / 4 => format!(", did you mean `{candidate}`?"),
        _ => String::new(),
    }
}

/// The optimal string alignment distance: insertions, deletions, replacements, and swaps of neighbours.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    let mut previous = None;
    for (row, from) in left.chars().enumerate() {
        let mut current = vec![row + 1];
        for (column, to) in right.iter().enumerate() {
            let step = |line: &[usize], at: usize| line.get(at).copied().unwrap_or(usize::MAX - 1);
            let mut best = (step(&last, column) + usize::from(from != *to))
                .min(step(&last, column + 1) + 1)
                .min(step(&current, column) + 1);
            let swapped = column > 0 && right.get(column - 1) == Some(&from) && previous == Some(*to);
            if swapped {
                best = best.min(step(&before_last, column - 1) + 1);
            }
            current.push(best);
        }
        previous = Some(from);
        before_last = std::mem::replace(&mut last, current);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{distance, suggestion};

    #[test]
    fn a_swap_is_one_step() {
        assert_eq!(distance("defualt", "default"), 1);
        assert_eq!(distance("kind", "kind"), 0);
        assert_eq!(distance("", "kind"), 4);
    }

    #[test]
    fn only_likely_words_are_suggested() {
        assert_eq!(suggestion("max_byte", &["kind", "max_bytes"]), ", did you mean `max_bytes`?");
        assert_eq!(suggestion("colour", &["kind", "max_bytes"]), "");
    }
}
