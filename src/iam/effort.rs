//! How much holding patterns against texts and against each other costs, counted in steps: a bound that is tested in time is
//! tested on one machine.

use std::cell::Cell;

thread_local! {
    static STEPS: Cell<usize> = const { Cell::new(0) };
}

/// Runs something, and tells how many steps patterns took in it on this thread.
pub fn counted<T>(run: impl FnOnce() -> T) -> (T, usize) {
    let before = STEPS.get();
    let result = run();
    (result, STEPS.get().wrapping_sub(before))
}

pub(super) fn add(steps: usize) {
    STEPS.set(STEPS.get().wrapping_add(steps));
}
