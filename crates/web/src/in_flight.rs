//! How many responses still have a body on its way: an update of the worker would
//! cut them off in Firefox and `WebKit` (rules W10 and U2).

use std::cell::Cell;

thread_local! {
    static IN_FLIGHT: Cell<u32> = const { Cell::new(0) };
}

/// A response whose body is under way; counted until it is dropped.
#[derive(Debug)]
pub struct InFlight(());

impl InFlight {
    /// Counts one more.
    pub fn begin() -> Self {
        IN_FLIGHT.set(IN_FLIGHT.get().saturating_add(1));
        Self(())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        IN_FLIGHT.set(IN_FLIGHT.get().saturating_sub(1));
    }
}

/// How many are under way.
pub fn count() -> u32 {
    IN_FLIGHT.get()
}
