//! Where MLflow is, if not behind the server of this site: an API on another
//! origin, and the UI among the site's own files.

use serde::Serialize;

use super::{Config, Python, read_url};
use crate::{
    Origin,
    json::{Object, Wrong},
};

/// The base URL of MLflow's API on another origin, stage included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Api {
    origin: Origin,
    /// Begins with a slash if there is one, and never ends with it.
    path: String,
}

impl Api {
    /// Reads it for a site at `own`.
    pub(super) fn read(root: Object<'_>, own: &Origin) -> Result<Option<Self>, Wrong> {
        let Some(text) = root.maybe_text("api")? else {
            return Ok(None);
        };
        let (origin, path) = read_url(root, "api", text, own)?;
        let path = path.trim_end_matches('/');
        if !path.split('/').skip(1).all(is_plain) {
            return root.wrong("api", "has a path of other than plain names");
        }
        Ok(Some(Self {
            origin,
            path: path.to_owned(),
        }))
    }

    /// Its origin.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The URL of what is at `path`, which begins with a slash, and `query`,
    /// with its `?`.
    pub fn url(&self, path: &str, query: &str) -> String {
        [self.origin.as_str(), &self.path, path, query].concat()
    }
}

impl Serialize for Api {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.url("", ""))
    }
}

/// Reads the version of the UI that the site has.
pub(super) fn read_ui(root: Object<'_>) -> Result<Option<String>, Wrong> {
    match root.maybe_text("ui")? {
        Some(version) if !is_plain(version) => {
            root.wrong("ui", "must be a version of MLflow, such as 3.18.0")
        }
        version => Ok(version.map(ToOwned::to_owned)),
    }
}

impl Config {
    /// Refuses what does not go together.
    pub(super) fn check(&self, root: Object<'_>) -> Result<(), Wrong> {
        let (api, ui) = (self.api.is_some(), self.ui.is_some());
        if api && !ui {
            root.wrong("api", "needs `ui`: documents come from this site alone")
        } else if ui && !self.upstreams.is_empty() {
            root.wrong("ui", "does not go with `upstreams`")
        } else if api && matches!(self.python, Some(Python::Token { .. })) {
            // Nobody is there to issue them.
            root.wrong("api", "does not go with `python.access` \"token\"")
        } else {
            Ok(())
        }
    }
}

/// Whether a segment means itself wherever it is written.
fn is_plain(segment: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    !segment.is_empty() && !segment.starts_with('.') && segment.bytes().all(plain)
}
