use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use shell_core::Timestamp;

/// Where the provider reads the time. Clones show the same time.
#[derive(Clone)]
pub struct Clock(ClockSource);

#[derive(Clone)]
enum ClockSource {
    System,
    Manual(Arc<AtomicU64>),
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(ClockSource::System)
    }

    /// A clock that stands at `start` until it is told to go on, so that a
    /// test of expiry need not wait.
    pub fn manual(start: Timestamp) -> Self {
        Self(ClockSource::Manual(Arc::new(AtomicU64::new(start.0))))
    }

    /// Moves a manual clock on by `seconds`; the machine's clock ignores it.
    pub fn advance(&self, seconds: u64) {
        if let ClockSource::Manual(now) = &self.0 {
            now.fetch_add(seconds, Ordering::SeqCst);
        }
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            ClockSource::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH);
                Timestamp(since.map_or(0, |since| since.as_secs()))
            }
            ClockSource::Manual(now) => Timestamp(now.load(Ordering::SeqCst)),
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.now().0).finish()
    }
}
