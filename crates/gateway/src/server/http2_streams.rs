//! The requests of an HTTP/2 connection, each a task of its own.
//!
//! Their responses share one connection, so a client that leaves one of them
//! unread is not seen by looking at the connection: it takes the others. What is
//! seen is that the next piece of that response is not asked for.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use hyper::rt::Executor;
use tokio::{task_local, time::Instant};

task_local! {
    static READ_MONITOR: ReadMonitor;
}

/// Since when the next piece of a response waits to be taken, if it does.
#[derive(Debug, Clone, Default)]
pub(crate) struct ReadMonitor(Arc<Mutex<Option<Instant>>>);

/// Runs the requests of one connection, and gives up those that are not read.
#[derive(Debug, Clone)]
pub(crate) struct StreamExecutor {
    timeout: Duration,
}

impl StreamExecutor {
    pub(crate) fn new(timeout: Duration) -> Self {
        Self { timeout }
    }
}

impl<F> Executor<F> for StreamExecutor
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    fn execute(&self, stream: F) {
        let (monitor, timeout) = (ReadMonitor::default(), self.timeout);
        tokio::spawn(async move {
            tokio::select! {
                _ = READ_MONITOR.scope(monitor.clone(), stream) => {}
                () = monitor.stalled(timeout) => {
                    tracing::debug!("a response that the client does not read is given up");
                }
            }
        });
    }
}

impl ReadMonitor {
    /// That of the request whose task this is, on an HTTP/2 connection.
    pub(crate) fn of_this_task() -> Option<Self> {
        READ_MONITOR.try_with(Self::clone).ok()
    }

    /// A piece is taken, and the next one waits to be.
    pub(crate) fn offered(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// The next piece is wanted.
    pub(crate) fn polled(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Waits until a piece has waited for so long.
    async fn stalled(&self, timeout: Duration) {
        loop {
            let offered_at = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            match offered_at {
                Some(since) if now >= since + timeout => return,
                Some(since) => tokio::time::sleep_until(since + timeout).await,
                None => tokio::time::sleep(timeout).await,
            }
        }
    }
}
