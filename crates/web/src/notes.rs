//! Short texts that pages of one storage partition leave for each other, and
//! for themselves. Nothing secret goes in; a framed sign-in's code passes
//! through, which is of no use without the verifier.

use gloo_utils::window;
use web_sys::Storage;

/// How long a note lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notes {
    /// As long as the tab, and for the tab alone.
    OfTab,
    /// Until it is removed.
    OfBrowser,
}

impl Notes {
    /// The note of this name.
    pub fn read(self, name: &str) -> Option<String> {
        self.storage()?.get_item(name).ok()?
    }

    /// Leaves a note; false if the browser keeps nothing.
    pub fn leave(self, name: &str, text: &str) -> bool {
        let storage = self.storage();
        storage.is_some_and(|storage| storage.set_item(name, text).is_ok())
    }

    /// Removes a note.
    pub fn remove(self, name: &str) {
        let _ = self.storage().map(|storage| storage.remove_item(name));
    }

    /// The names of all notes that begin with `prefix`.
    pub fn names(self, prefix: &str) -> Vec<String> {
        let Some(storage) = self.storage() else {
            return Vec::new();
        };
        let names =
            (0..storage.length().unwrap_or(0)).filter_map(|index| storage.key(index).ok()?);
        names.filter(|name| name.starts_with(prefix)).collect()
    }

    /// Removes every note.
    pub fn clear(self) {
        let _ = self.storage().map(|storage| storage.clear());
    }

    fn storage(self) -> Option<Storage> {
        let storage = match self {
            Self::OfTab => window().session_storage(),
            Self::OfBrowser => window().local_storage(),
        };
        storage.ok().flatten()
    }
}
