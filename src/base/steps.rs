//! What a test sees of the work behind an answer: statements and verifications by name, in their order.

use std::cell::RefCell;

thread_local! {
    static TAKEN: RefCell<Option<Vec<&'static str>>> = const { RefCell::new(None) };
}

/// A step of this thread.
pub(crate) fn note(step: &'static str) {
    TAKEN.with_borrow_mut(|taken| {
        if let Some(steps) = taken {
            steps.push(step);
        }
    });
}

/// The steps that `run` takes.
pub(crate) fn of(run: impl FnOnce()) -> Vec<&'static str> {
    TAKEN.set(Some(Vec::new()));
    run();
    TAKEN.take().unwrap()
}
