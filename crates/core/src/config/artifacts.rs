//! Other origins that artifacts come from, or load from.

use serde::{Deserialize, Serialize};

use crate::{Origin, read};

/// Origins that take part in showing artifacts. Both lists are empty unless an
/// administrator fills them: then nothing of an artifact comes from elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Artifacts {
    /// Where presigned URLs of the artifact store lead, such as
    /// `https://bucket.s3.eu-central-1.amazonaws.com`: MLflow's UI (3.15 and
    /// later) then loads files straight from the store. Empty: through MLflow.
    #[serde(
        default,
        deserialize_with = "read::or_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub store_origins: Vec<Origin>,
    /// From where HTML artifacts may load scripts, styles, fonts and images,
    /// such as `https://cdn.plot.ly`.
    #[serde(
        default,
        deserialize_with = "read::or_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub page_origins: Vec<Origin>,
}

impl Artifacts {
    /// Whether neither list names an origin.
    pub fn is_empty(&self) -> bool {
        self.store_origins.is_empty() && self.page_origins.is_empty()
    }
}
