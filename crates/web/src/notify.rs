//! A signal to every task that waits for it.

use std::{
    future::{Future, poll_fn},
    mem,
    sync::{Mutex, PoisonError},
    task::{Poll, Waker},
};

/// Wakes all that wait at the time.
#[derive(Debug)]
pub struct Notify(Mutex<State>);

#[derive(Debug)]
struct State {
    /// How often it was given.
    count: u32,
    waiting: Vec<Waker>,
}

impl Notify {
    /// No task waits yet.
    pub const fn const_new() -> Self {
        let waiting = Vec::new();
        Self(Mutex::new(State { count: 0, waiting }))
    }

    /// Waits for the next signal after this call.
    pub fn notified(&self) -> impl Future<Output = ()> + use<'_> {
        let known = self.with(|state| state.count);
        poll_fn(move |context| {
            self.with(|state| {
                if state.count != known {
                    return Poll::Ready(());
                }
                let waker = context.waker();
                if !state.waiting.iter().any(|other| other.will_wake(waker)) {
                    state.waiting.push(waker.clone());
                }
                Poll::Pending
            })
        })
    }

    /// Wakes all that wait.
    pub fn notify_waiters(&self) {
        let waiting = self.with(|state| {
            state.count = state.count.wrapping_add(1);
            mem::take(&mut state.waiting)
        });
        waiting.into_iter().for_each(Waker::wake);
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
