//! Whether the gateway is shutting down.
//!
//! ```text
//!  serving ── announce ──▶ announced ── begin ──▶ draining
//!                          not ready, but         the listener is closed, and
//!                          serves as before       requests in flight are finished
//! ```
//!
//! This is only the state. The program changes it on SIGTERM (`cli/serve/shutdown`);
//! `routes/health` is not ready from the first step on, and with the second `server`
//! closes its listener and `server/connection` each connection.

use std::{fmt, sync::Arc};

use tokio::sync::watch;

/// How far a shutdown is, shared by all clones. It never goes back.
#[derive(Clone)]
pub struct Draining(Arc<watch::Sender<Stage>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Serving,
    Announced,
    Draining,
}

impl Draining {
    /// Says that the gateway is about to drain: it is not ready any more, but serves
    /// as before.
    pub fn announce(&self) {
        self.advance(Stage::Announced);
    }

    /// Begins to drain: requests in flight are finished, and no new connections are
    /// accepted.
    pub fn begin(&self) {
        self.advance(Stage::Draining);
    }

    /// Whether the gateway is about to drain, or drains.
    pub fn is_announced(&self) -> bool {
        *self.0.borrow() >= Stage::Announced
    }

    /// Whether it drains.
    pub fn has_begun(&self) -> bool {
        *self.0.borrow() == Stage::Draining
    }

    /// Waits until it drains.
    pub async fn begun(&self) {
        let mut stages = self.0.subscribe();
        // There is a sender as long as there is this.
        let _ = stages.wait_for(|stage| *stage == Stage::Draining).await;
    }

    fn advance(&self, to: Stage) {
        self.0.send_if_modified(|stage| {
            let advances = to > *stage;
            *stage = to.max(*stage);
            advances
        });
    }
}

impl Default for Draining {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(Stage::Serving)))
    }
}

impl fmt::Debug for Draining {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Draining({:?})", *self.0.borrow())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shutdown_goes_on_and_never_back() {
        let draining = Draining::default();
        let stage = |draining: &Draining| (draining.is_announced(), draining.has_begun());
        assert_eq!(stage(&draining), (false, false));
        draining.announce();
        assert_eq!(stage(&draining.clone()), (true, false));
        draining.begin();
        assert_eq!(stage(&draining), (true, true));
        draining.announce();
        assert_eq!(stage(&draining), (true, true));
    }
}
