//! MLflow's UI among the site's own files.
//!
//! The site has it below `mlflow`, as released, and a note of which release it
//! is. Its document and its files are public, and come from there; everything
//! else below `/mlflow/` is MLflow's.

use std::{fs, path::Path};

use axum::http::Method;
use shell_core::{
    Config,
    hosting::UI_DOCUMENTS,
    intercept::{self, Place},
};

use crate::{SettingsError, is_read};

/// What `cargo xtask ui` writes down about the UI, below the site.
const NOTE: &str = "mlflow/ui.json";

/// Makes sure that the site in the folder `site` has the UI that `config` says.
///
/// # Errors
/// If it has none, or another.
pub fn check(config: &Config, site: &Path) -> Result<(), SettingsError> {
    let Some(wanted) = &config.ui else {
        return Ok(());
    };
    let found = match version(&site.join(NOTE)) {
        Ok(Some(found)) if found == *wanted => return Ok(()),
        Ok(Some(found)) => format!("`{}` has the UI of {found}", site.display()),
        Ok(None) => format!("`{}` names no version", site.join(NOTE).display()),
        Err(_) => format!("`{}` cannot be read", site.join(NOTE).display()),
    };
    Err(SettingsError::Ui {
        wanted: wanted.clone(),
        found,
    })
}

/// Whether a request is for what the site has, if it has a UI.
pub(crate) fn has(method: &Method, path: &str) -> bool {
    let is_file = || matches!(intercept::place(path), Place::StaticFile(None, _));
    is_read(method) && (UI_DOCUMENTS.contains(&path) || is_file())
}

fn version(note: &Path) -> std::io::Result<Option<String>> {
    let text = fs::read_to_string(note)?;
    let note: Option<serde_json::Value> = serde_json::from_str(&text).ok();
    let version = note.and_then(|note| note["version"].as_str().map(ToOwned::to_owned));
    Ok(version)
}
