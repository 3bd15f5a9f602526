//! Work that may be given up halfway, because its time is over or because nobody waits for it any more.

/// What is to be done then. It is done where this is dropped before [`end`](Self::end) is called.
pub(super) struct Attempt<F: FnMut()> {
    give_up: F,
    is_over: bool,
}

impl<F: FnMut()> Attempt<F> {
    pub(super) const fn new(give_up: F) -> Self {
        Self { give_up, is_over: false }
    }

    /// The work came to an end, good or bad.
    pub(super) const fn end(&mut self) {
        self.is_over = true;
    }
}

impl<F: FnMut()> Drop for Attempt<F> {
    fn drop(&mut self) {
        if !self.is_over {
            (self.give_up)();
        }
    }
}
