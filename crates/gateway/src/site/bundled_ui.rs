//! MLflow's UI, bundled with the site.
//!
//! The site has it below `mlflow`, as released, and a note of which release it
//! is. Its document and its files are public, and come from there; everything
//! else below `/mlflow/` is MLflow's.

use axum::http::Method;
use shell_core::{Config, hosting::UI_DOCUMENTS, intercept::RouteTarget, method::is_read};

use super::files::Site;

/// What `cargo xtask ui` writes down about the UI, below the site.
const NOTE: &str = "mlflow/ui.json";

/// The site has no UI of MLflow, or another than the configuration says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "config.json: `ui` is {wanted}, but {found}: put that UI into the site with \
     `cargo xtask ui --mlflow {wanted}`, or change `ui`; without it the UI comes \
     from the MLflow server"
)]
pub struct UiError {
    /// The version that the configuration says.
    pub wanted: String,
    /// What is there instead.
    pub found: String,
}

/// Makes sure that `site` has the UI that `config` says.
///
/// # Errors
/// If it has none, or another.
pub fn check_ui(config: &Config, site: &Site) -> Result<(), UiError> {
    let Some(wanted) = &config.ui else {
        return Ok(());
    };
    let found = match site.read(NOTE).as_deref().map(version) {
        Some(Some(found)) if found == *wanted => return Ok(()),
        Some(Some(found)) => format!("{site} has the UI of {found}"),
        Some(None) => format!("`{NOTE}` in {site} names no version"),
        None => format!("{site} has no `{NOTE}`"),
    };
    Err(UiError {
        wanted: wanted.clone(),
        found,
    })
}

/// Whether a request for `path`, which leads to `target`, is for what the site has,
/// if it has a UI.
pub(crate) fn has(method: &Method, path: &str, target: &RouteTarget<'_>) -> bool {
    let is_file = matches!(target, RouteTarget::StaticFile(None, _));
    is_read(method.as_str()) && (is_file || UI_DOCUMENTS.contains(&path))
}

fn version(note: &[u8]) -> Option<String> {
    let note: serde_json::Value = serde_json::from_slice(note).ok()?;
    note["version"].as_str().map(ToOwned::to_owned)
}
