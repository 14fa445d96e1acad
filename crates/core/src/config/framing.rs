//! Who may show the shell in a frame.

use super::parse_origin;
use crate::{
    Config, Origin,
    json::{Object, Wrong},
};

const KEY: &str = "frame_ancestors";

pub(super) fn read(root: Object<'_>) -> Result<Vec<Origin>, Wrong> {
    let listed = root.maybe_texts(KEY)?.unwrap_or_default();
    listed
        .iter()
        .map(|text| parse_origin(root, KEY, text))
        .collect()
}

impl Config {
    /// The directive for the shell's documents and MLflow's: this site itself
    /// and those that are listed. Every ancestor of a frame must be among them
    /// (CSP Level 3 §6.4.2).
    pub fn frame_ancestors(&self) -> String {
        let listed = self.frame_ancestors.iter();
        listed.fold("frame-ancestors 'self'".to_owned(), |policy, origin| {
            [&policy, " ", origin.as_str()].concat()
        })
    }

    /// Whether a page at `origin` may show the shell in a frame.
    pub fn may_frame(&self, origin: &str) -> bool {
        let mut listed = self.frame_ancestors.iter();
        listed.any(|ancestor| ancestor.as_str() == origin)
    }
}
