//! What the parts of one connection know of each other.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use futures_util::task::AtomicWaker;
use tokio::sync::Notify;

/// How many requests are under way on a connection, and whether it is over.
#[derive(Debug, Default)]
pub(crate) struct Presence {
    requests: AtomicUsize,
    /// How many there have been.
    begun: AtomicUsize,
    is_http2: AtomicBool,
    /// Wakes whoever reads, to look at its clock.
    reader: AtomicWaker,
    unused: Notify,
}

/// A request under way, until its answer is taken to its end or given up.
#[derive(Debug)]
pub(crate) struct Request(Arc<Presence>);

impl Presence {
    /// Takes down that a request is under way.
    pub(crate) fn begin(self: &Arc<Self>) -> Request {
        self.begun.fetch_add(1, Ordering::AcqRel);
        self.requests.fetch_add(1, Ordering::AcqRel);
        Request(self.clone())
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.requests.load(Ordering::Acquire) > 0
    }

    /// How many requests there have been.
    pub(crate) fn begun(&self) -> usize {
        self.begun.load(Ordering::Acquire)
    }

    pub(crate) fn is_http2(&self) -> bool {
        self.is_http2.load(Ordering::Acquire)
    }

    pub(crate) fn set_http2(&self) {
        self.is_http2.store(true, Ordering::Release);
    }

    /// Whom to wake when the last request ends.
    pub(crate) fn register(&self, cx: &std::task::Context<'_>) {
        self.reader.register(cx.waker());
    }

    /// Says that nobody has used the connection for too long.
    pub(crate) fn give_up(&self) {
        self.unused.notify_one();
    }

    /// Waits until that is said.
    pub(crate) async fn given_up(&self) {
        self.unused.notified().await;
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        if self.0.requests.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.reader.wake();
        }
    }
}
