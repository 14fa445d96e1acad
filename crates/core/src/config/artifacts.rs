//! Other origins that artifacts come from, or load from.

use serde::Serialize;

use super::parse_origin;
use crate::{
    Origin,
    json::{Object, Wrong},
};

/// Origins that take part in showing artifacts. Both lists are empty unless an
/// administrator fills them: then nothing of an artifact comes from elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Artifacts {
    /// Where presigned URLs of the artifact store lead, such as
    /// `https://bucket.s3.eu-central-1.amazonaws.com`: MLflow's UI (3.15 and
    /// later) then loads files straight from the store. Empty: through MLflow.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub store_origins: Vec<Origin>,
    /// From where HTML artifacts may load scripts, styles, fonts and images,
    /// such as `https://cdn.plot.ly`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub page_origins: Vec<Origin>,
}

impl Artifacts {
    pub(super) fn read(root: Object<'_>) -> Result<Self, Wrong> {
        let Some(artifacts) = root.maybe_object("artifacts", "artifacts.")? else {
            return Ok(Self::default());
        };
        artifacts.only(&["store_origins", "page_origins"])?;
        Ok(Self {
            store_origins: origins(artifacts, "store_origins")?,
            page_origins: origins(artifacts, "page_origins")?,
        })
    }

    /// Whether neither list names an origin.
    pub fn is_empty(&self) -> bool {
        self.store_origins.is_empty() && self.page_origins.is_empty()
    }
}

fn origins(artifacts: Object<'_>, key: &str) -> Result<Vec<Origin>, Wrong> {
    let listed = artifacts.maybe_texts(key)?.unwrap_or_default();
    listed
        .iter()
        .map(|text| parse_origin(artifacts, key, text))
        .collect()
}
