//! Where MLflow is, if not behind the server of this site: an API on another
//! origin, and the UI among the site's own files.

use serde::{Deserialize, Deserializer, Serialize, de::Error};

use super::{Config, Python, read_url};
use crate::Origin;

/// The base URL of MLflow's API on another origin, stage included.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Api {
    origin: Origin,
    /// Begins with a slash if there is one, and never ends with it.
    path: String,
}

impl Api {
    /// Its origin.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The URL of what is at `path`, which begins with a slash, and `query`,
    /// with its `?`.
    pub fn url(&self, path: &str, query: &str) -> String {
        format!("{}{}{path}{query}", self.origin, self.path)
    }
}

impl TryFrom<String> for Api {
    type Error = String;

    fn try_from(url: String) -> Result<Self, String> {
        let (origin, path) = read_url(&url)?;
        let path = path.trim_end_matches('/').to_owned();
        if !path.split('/').skip(1).all(is_plain) {
            return Err("has a path of other than plain names".to_owned());
        }
        Ok(Self { origin, path })
    }
}

impl Serialize for Api {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.url("", ""))
    }
}

/// Reads the version of the UI that the site has.
pub(super) fn ui<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match Option::<String>::deserialize(deserializer)? {
        Some(version) if !is_plain(&version) => Err(D::Error::custom(
            "must be a version of MLflow, such as 3.18.0",
        )),
        version => Ok(version),
    }
}

impl Config {
    /// Refuses what does not go together with where MLflow and its UI are.
    pub(super) fn check_ui(&self) -> Result<(), &'static str> {
        let (api, ui) = (self.api.is_some(), self.ui.is_some());
        if api && !ui {
            Err("`api` needs `ui`: documents come from this site alone")
        } else if ui && !self.upstreams.is_empty() {
            Err("`ui` does not go with `upstreams`")
        } else if api && matches!(self.python, Some(Python::Token { .. })) {
            // No gateway is there to issue them.
            Err("`api` does not go with `python.access` \"token\"")
        } else if api && self.provider.via_gateway {
            Err("`api` does not go with `provider.via_gateway`: a gateway has MLflow on this site")
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
