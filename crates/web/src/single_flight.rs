//! Work that several callers want at the same time, and that is done once.

use std::future::Future;

use tokio::sync::{Mutex, Notify};

use crate::time;

/// How long a caller waits for the work of another, in milliseconds: more than
/// any of it takes, so that a fault there becomes no standstill here.
const LONGEST: u32 = 30_000;

/// At most one run of some work at a time.
#[derive(Debug)]
pub struct SingleFlight {
    running: Mutex<()>,
    finished: Notify,
}

impl SingleFlight {
    /// Nothing runs yet.
    pub const fn const_new() -> Self {
        Self {
            running: Mutex::const_new(()),
            finished: Notify::const_new(),
        }
    }

    /// Does `work`, or waits until the run under way has finished.
    pub async fn run(&self, work: impl Future<Output = ()>) {
        let finished = self.finished.notified();
        if let Ok(running) = self.running.try_lock() {
            work.await;
            drop(running);
            self.finished.notify_waiters();
        } else {
            time::timeout(LONGEST, finished).await;
        }
    }
}
