//! Whether the gateway is shutting down.
//!
//! This is only the flag. The program raises it on SIGTERM (`cli/serve/shutdown`);
//! `server` then closes its listener, and `server/connection` each connection.

use std::{fmt, sync::Arc};

use tokio::sync::watch;

/// A flag that is shared by all clones and never lowered. Once it is raised, the
/// gateway finishes requests in flight and accepts no new connections.
#[derive(Clone)]
pub struct Draining(Arc<watch::Sender<bool>>);

impl Draining {
    /// Raises the flag.
    pub fn begin(&self) {
        self.0.send_replace(true);
    }

    /// Whether it is raised.
    pub fn has_begun(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is raised.
    pub async fn begun(&self) {
        // There is a sender as long as there is this.
        let _ = self.0.subscribe().wait_for(|begun| *begun).await;
    }
}

impl Default for Draining {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl fmt::Debug for Draining {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Draining({})", self.has_begun())
    }
}
