//! Parses clients' texts away from the threads that serve connections.
//!
//! A worker serves thousands of connections with one thread: while it parses, they
//! all wait. So longer texts are parsed on tokio's threads for blocking work, as
//! many at a time as there are processors, and a request waits for that for a
//! limited time. A parser that panics ends its own request.

use std::{sync::Arc, time::Duration};

use shell_core::refusal::Problem;
use tokio::{sync::Semaphore, task, time};

use crate::worker_threads;

/// How long a request waits for its turn and for what is parsed. The longest
/// that is taken is parsed in some milliseconds.
const PARSE_TIMEOUT: Duration = Duration::from_secs(5);

/// The turns.
#[derive(Debug, Clone)]
pub(crate) struct ParserPool(Arc<Semaphore>);

impl Default for ParserPool {
    fn default() -> Self {
        Self::new(worker_threads::count())
    }
}

impl ParserPool {
    fn new(turns: usize) -> Self {
        Self(Arc::new(Semaphore::new(turns)))
    }

    /// What `parse` finds.
    ///
    /// # Errors
    /// [`Problem::OVERLOADED`] if that takes too long, and a 400 if it panics.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        parse: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let parsed = async {
            let turn = self.0.clone().acquire_owned().await;
            // A turn ends with what is parsed, whether or not its request waits.
            let parse = move || {
                let _turn = turn;
                parse()
            };
            task::spawn_blocking(parse).await
        };
        let parsed = time::timeout(PARSE_TIMEOUT, parsed).await;
        let parsed = parsed.map_err(|_| Problem::OVERLOADED)?;
        parsed.map_err(|_| Problem::body_unreadable())
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[tokio::test]
    async fn what_is_parsed_is_parsed_on_another_thread() {
        let parsed = ParserPool::new(1).run(|| thread::current().id()).await;
        assert_ne!(parsed, Ok(thread::current().id()));
    }

    #[tokio::test]
    async fn a_panic_ends_its_own_request() {
        let parsers = ParserPool::new(1);
        let refused = parsers.run(|| panic!("this is part of the test")).await;
        let refused: Result<(), Problem> = refused;
        assert_eq!(refused.map_err(|cause| cause.status()), Err(400));
        assert_eq!(parsers.run(|| 1).await, Ok(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_waits_for_its_turn_only_so_long() {
        let parsers = ParserPool::new(1);
        let turn = parsers.0.clone().acquire_owned().await;
        assert_eq!(parsers.run(|| 1).await, Err(Problem::OVERLOADED));
        drop(turn);
        assert_eq!(parsers.run(|| 1).await, Ok(1));
    }
}
