//! MLflow's UI among the site's own files.
//!
//! The site has it below `mlflow`, as released, and a note of which release it
//! is. Its document and its files are public, and come from there; everything
//! else below `/mlflow/` is MLflow's.

use axum::http::Method;
use shell_core::{Config, hosting::UI_DOCUMENTS, intercept::RouteTarget, method::is_read};

use crate::{SettingsError, Site};

/// What `cargo xtask ui` writes down about the UI, below the site.
const NOTE: &str = "mlflow/ui.json";

/// Makes sure that `site` has the UI that `config` says.
///
/// # Errors
/// If it has none, or another.
pub fn check(config: &Config, site: &Site) -> Result<(), SettingsError> {
    let Some(wanted) = &config.ui else {
        return Ok(());
    };
    let found = match site.read(NOTE).as_deref().map(version) {
        Some(Some(found)) if found == *wanted => return Ok(()),
        Some(Some(found)) => format!("{site} has the UI of {found}"),
        Some(None) => format!("`{NOTE}` in {site} names no version"),
        None => format!("{site} has no `{NOTE}`"),
    };
    Err(SettingsError::Ui {
        wanted: wanted.clone(),
        found,
    })
}

/// Whether a request for `path`, which leads to `place`, is for what the site has,
/// if it has a UI.
pub(crate) fn has(method: &Method, path: &str, place: &RouteTarget<'_>) -> bool {
    let is_file = matches!(place, RouteTarget::StaticFile(None, _));
    is_read(method.as_str()) && (is_file || UI_DOCUMENTS.contains(&path))
}

fn version(note: &[u8]) -> Option<String> {
    let note: serde_json::Value = serde_json::from_slice(note).ok()?;
    note["version"].as_str().map(ToOwned::to_owned)
}
