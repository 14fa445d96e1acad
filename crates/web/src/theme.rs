//! Light or dark, as MLflow has it: its own switch is a note in local storage
//! (3.x), which the page's style follows. Without the note both go by the
//! system.

use crate::{frame, page, storage::Storage::Local};

/// MLflow's note.
const DARK: &str = "_mlflow_dark_mode_toggle_enabled";

/// Goes by what MLflow has.
pub fn follow() {
    page::set_root_attribute("data-dark", &Local.get(DARK).unwrap_or_default());
}

/// Switches both. MLflow reads its note when it is loaded, so it is loaded
/// again, where it was.
pub fn switch() {
    let dark = page::is_dark();
    Local.set(DARK, if dark { "false" } else { "true" });
    follow();
    frame::reload();
}
