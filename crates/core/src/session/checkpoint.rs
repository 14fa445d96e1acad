//! The session as text, for a worker that is stopped and woken again.

use super::{Epoch, Session, Standing};
use crate::{Secret, read};

impl Session {
    /// Writes the session, and the configuration it was begun under; `None` if
    /// there is nothing to come back to. The text holds tokens: seal it.
    pub fn checkpoint(&self, config: &str) -> Option<Secret> {
        if self.standing == Standing::SignedOut(None) {
            return None;
        }
        let text = serde_json::to_string(&(&self.standing, config));
        text.ok().map(Secret::new)
    }

    /// Reads what [`checkpoint`](Self::checkpoint) wrote, and the
    /// configuration; `None` if it is something else.
    pub fn resume(text: &str) -> Option<(Self, String)> {
        let (standing, config) = read::text(text)?;
        let epoch = Epoch::default();
        Some((Self { standing, epoch }, config))
    }
}
