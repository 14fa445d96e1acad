//! What the parts of one connection share: its requests, and whether it is over.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use futures_util::task::AtomicWaker;
use tokio::sync::Notify;

/// How many requests are under way on a connection, and whether it is over.
#[derive(Debug, Default)]
pub(crate) struct ConnectionActivity {
    requests: AtomicUsize,
    /// How many there have been.
    started: AtomicUsize,
    is_http2: AtomicBool,
    /// Wakes the reading task, to check its timeouts.
    reader: AtomicWaker,
    unused: Notify,
}

/// A request under way, until its answer is taken to its end or given up.
#[derive(Debug)]
pub(crate) struct ActiveRequest(Arc<ConnectionActivity>);

impl ConnectionActivity {
    /// Counts a request in flight, until the returned value is dropped.
    pub(crate) fn begin(self: &Arc<Self>) -> ActiveRequest {
        self.started.fetch_add(1, Ordering::AcqRel);
        self.requests.fetch_add(1, Ordering::AcqRel);
        ActiveRequest(self.clone())
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.requests.load(Ordering::Acquire) > 0
    }

    /// How many requests there have been.
    pub(crate) fn started(&self) -> usize {
        self.started.load(Ordering::Acquire)
    }

    pub(crate) fn is_http2(&self) -> bool {
        self.is_http2.load(Ordering::Acquire)
    }

    pub(crate) fn set_http2(&self) {
        self.is_http2.store(true, Ordering::Release);
    }

    /// Sets the task that is woken when the last request ends.
    pub(crate) fn register(&self, cx: &std::task::Context<'_>) {
        self.reader.register(cx.waker());
    }

    /// Ends the connection, because it was idle for too long.
    pub(crate) fn expire(&self) {
        self.unused.notify_one();
    }

    /// Waits until the connection has expired.
    pub(crate) async fn expired(&self) {
        self.unused.notified().await;
    }
}

impl Drop for ActiveRequest {
    fn drop(&mut self) {
        if self.0.requests.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.reader.wake();
        }
    }
}
