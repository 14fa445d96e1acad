//! Work that several callers want at the same time, and that is done once.

use std::{
    future::Future,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
};

use crate::{Notify, time};

/// How long a caller waits for the work of another, in milliseconds: more than
/// any of it takes, so that a fault there becomes no standstill here.
const LONGEST: u32 = 30_000;

/// At most one run of some work at a time.
#[derive(Debug)]
pub struct SingleFlight {
    is_running: AtomicBool,
    finished: Notify,
}

impl SingleFlight {
    /// Nothing runs yet.
    pub const fn const_new() -> Self {
        Self {
            is_running: AtomicBool::new(false),
            finished: Notify::const_new(),
        }
    }

    /// Does `work`, or waits until the run under way has finished.
    pub async fn run(&self, work: impl Future<Output = ()>) {
        let finished = self.finished.notified();
        if self.is_running.swap(true, Relaxed) {
            time::timeout(LONGEST, finished).await;
        } else {
            let _running = Running(self);
            work.await;
        }
    }
}

/// The run ends with this, however it ends.
struct Running<'a>(&'a SingleFlight);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.is_running.store(false, Relaxed);
        self.0.finished.notify_waiters();
    }
}
