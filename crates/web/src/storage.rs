//! Web Storage: short texts that pages of one storage partition leave for each
//! other, and for themselves.
//!
//! Nothing secret goes in; a framed sign-in's code passes through, which is of
//! no use without the verifier. The texts are stored as they are, because
//! MLflow's own code reads and writes some of them.
//!
//! Not with `gloo-storage`, which panics where the browser blocks site data.
//! There each read here finds nothing, and each write returns false.

use web_sys::Storage as Area;

/// Which storage area, and so how long a text lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// As long as the tab, and for the tab alone.
    Session,
    /// Until it is removed, for every page of the partition.
    Local,
}

impl Storage {
    /// The text under `name`.
    pub fn get(self, name: &str) -> Option<String> {
        self.area()?.get_item(name).ok()?
    }

    /// Stores `text` under `name`; false if the browser does not keep it.
    pub fn set(self, name: &str, text: &str) -> bool {
        self.area()
            .is_some_and(|area| area.set_item(name, text).is_ok())
    }

    /// Removes the text under `name`.
    pub fn remove(self, name: &str) {
        let _ = self.area().map(|area| area.remove_item(name));
    }

    /// All names that begin with `prefix`.
    pub fn keys(self, prefix: &str) -> Vec<String> {
        let Some(area) = self.area() else {
            return Vec::new();
        };
        let names = (0..area.length().unwrap_or(0)).filter_map(|index| area.key(index).ok()?);
        names.filter(|name| name.starts_with(prefix)).collect()
    }

    /// Removes everything.
    pub fn clear(self) {
        let _ = self.area().map(|area| area.clear());
    }

    fn area(self) -> Option<Area> {
        let window = web_sys::window()?;
        let area = match self {
            Self::Session => window.session_storage(),
            Self::Local => window.local_storage(),
        };
        area.ok()?
    }
}
