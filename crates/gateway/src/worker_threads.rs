//! A thread for each processor, with connections of its own.
//!
//! A client's connection stays on one thread, and so do the connections to
//! MLflow that are made for it: nothing of a request is handed from one thread
//! to another, which takes the system longer than all that is decided about it.

use std::{
    cell::Cell,
    io,
    sync::atomic::{AtomicUsize, Ordering},
    thread::{self, JoinHandle},
};

use tokio::{
    runtime::{Builder, Handle},
    sync::oneshot,
};

thread_local! {
    /// Which of the workers this thread is, if it is one.
    static PLACE: Cell<Option<usize>> = const { Cell::new(None) };
}

/// The threads. They end with this, and what they have not done yet with them.
#[derive(Debug)]
pub(crate) struct Workers {
    all: Vec<Worker>,
    next: AtomicUsize,
}

#[derive(Debug)]
struct Worker {
    runtime: Handle,
    /// Is dropped to end it.
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// One for each worker, and one for all other threads, made alike.
///
/// A connection that one of those made must not be a worker's: it is their
/// runtime that reads it, so each answer would be handed over.
#[derive(Debug, Clone)]
pub(crate) struct PerWorker<T> {
    workers: Vec<T>,
    others: T,
}

/// How many workers there are.
pub(crate) fn count() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// What each may have of `all`, if each has as much.
pub(crate) fn share(all: usize) -> usize {
    all.div_ceil(count())
}

impl Workers {
    /// Starts them.
    ///
    /// # Errors
    /// If the system has no room for a thread.
    pub(crate) fn start() -> io::Result<Self> {
        let all = (0..count()).map(Worker::start).collect::<io::Result<_>>()?;
        let next = AtomicUsize::new(0);
        Ok(Self { all, next })
    }

    /// Runs `task` on one of them, each in turn.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        if let Some(worker) = self.all.get(turn % self.all.len()) {
            worker.runtime.spawn(task);
        }
    }
}

impl Worker {
    fn start(place: usize) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (end, ended) = oneshot::channel();
        let work = move || {
            PLACE.set(Some(place));
            // Nothing is ever sent: it ends when the sender does.
            let _ = runtime.block_on(ended);
        };
        let name = format!("worker-{place}");
        Ok(Self {
            runtime: handle,
            end: Some(end),
            thread: Some(thread::Builder::new().name(name).spawn(work)?),
        })
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            // A panic has been printed by the thread itself.
            let _ = thread.join();
        }
    }
}

impl<T> PerWorker<T> {
    /// Makes one for each.
    pub(crate) fn new(make: impl Fn() -> T) -> Self {
        Self {
            workers: (0..count()).map(|_| make()).collect(),
            others: make(),
        }
    }

    /// The one of this thread.
    pub(crate) fn here(&self) -> &T {
        let own = PLACE.get().and_then(|place| self.workers.get(place));
        own.unwrap_or(&self.others)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn every_worker_gets_its_turn_and_has_its_own() {
        let workers = Workers::start().unwrap();
        let number = Cell::new(0);
        let own = PerWorker::new(|| number.replace(number.get() + 1));
        assert_eq!(*own.here(), count(), "this is no worker's thread");
        let own = Arc::new(own);

        let (sender, mut receiver) = mpsc::unbounded_channel();
        for _ in 0..2 * count() {
            let (sender, own) = (sender.clone(), own.clone());
            workers.spawn(async move {
                sender.send((*own.here(), thread::current().id())).unwrap();
            });
        }
        drop(sender);
        let mut turns = Vec::new();
        while let Some(turn) = receiver.recv().await {
            turns.push(turn);
        }
        turns.sort_by_key(|(place, _)| *place);
        let places: Vec<_> = turns.iter().map(|(place, _)| *place).collect();
        let expected: Vec<_> = (0..count()).flat_map(|place| [place, place]).collect();
        assert_eq!(places, expected);
        for both in turns.chunks(2) {
            assert_eq!(both[0], both[1]);
        }
    }

    #[tokio::test]
    async fn what_is_not_done_is_dropped_at_the_end() {
        let workers = Workers::start().unwrap();
        let (sender, mut receiver) = mpsc::unbounded_channel::<()>();
        workers.spawn(async move {
            let _sender = sender;
            std::future::pending::<()>().await;
        });
        drop(workers);
        assert_eq!(receiver.recv().await, None);
    }
}
