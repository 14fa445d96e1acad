//! Who may show the shell in a frame.

use crate::Config;

impl Config {
    /// The directive for the shell's documents and MLflow's: this site itself
    /// and those that are listed. Every ancestor of a frame must be among them
    /// (CSP Level 3 §6.4.2).
    pub fn frame_ancestors(&self) -> String {
        let listed = self.frame_ancestors.iter();
        listed.fold("frame-ancestors 'self'".to_owned(), |policy, origin| {
            format!("{policy} {origin}")
        })
    }

    /// Whether a page at `origin` may show the shell in a frame.
    pub fn may_frame(&self, origin: &str) -> bool {
        let mut listed = self.frame_ancestors.iter();
        listed.any(|ancestor| ancestor.as_str() == origin)
    }
}
