//! The requests of an HTTP/2 connection, each a task of its own.
//!
//! Their answers share one connection, so a client that leaves one of them
//! unread is not seen by looking at the connection: it takes the others. What is
//! seen is that nobody asks for the next piece of that answer.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use hyper::rt::Executor;
use tokio::{task_local, time::Instant};

task_local! {
    static PULSE: Pulse;
}

/// Since when the next piece of an answer could be taken, if nobody has.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pulse(Arc<Mutex<Option<Instant>>>);

/// Runs the requests of one connection, and gives up those that are not read.
#[derive(Debug, Clone)]
pub(crate) struct Streams {
    patience: Duration,
}

impl Streams {
    pub(crate) fn new(patience: Duration) -> Self {
        Self { patience }
    }
}

impl<F> Executor<F> for Streams
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    fn execute(&self, stream: F) {
        let (pulse, patience) = (Pulse::default(), self.patience);
        tokio::spawn(async move {
            tokio::select! {
                _ = PULSE.scope(pulse.clone(), stream) => {}
                () = pulse.stopped(patience) => {
                    tracing::debug!("an answer that nobody reads is given up");
                }
            }
        });
    }
}

impl Pulse {
    /// That of the request whose task this is, on an HTTP/2 connection.
    pub(crate) fn of_this_task() -> Option<Self> {
        PULSE.try_with(Self::clone).ok()
    }

    /// A piece is taken, and the next one waits to be.
    pub(crate) fn offer(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// The next piece is wanted.
    pub(crate) fn wanted(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Waits until a piece has waited for so long.
    async fn stopped(&self, patience: Duration) {
        loop {
            let offered = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            match offered {
                Some(since) if now >= since + patience => return,
                Some(since) => tokio::time::sleep_until(since + patience).await,
                None => tokio::time::sleep(patience).await,
            }
        }
    }
}
