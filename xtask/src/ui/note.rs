//! What is written down about a UI: which it is, and what each file was.

use std::{collections::BTreeMap, fmt, fs, path::Path};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{placed, wheel::Wheel};
use crate::failure::{Explain, Result};

/// The name of the file, beside the UI's document. The gateway reads it.
pub(super) const NAME: &str = "ui.json";

/// What `ui.json` says.
#[derive(Debug)]
pub(super) struct Note(Value);

impl Note {
    /// What there is to say of `files`, which `wheel` has besides `maps` source
    /// maps.
    pub(super) fn of(wheel: &Wheel, files: &BTreeMap<String, Vec<u8>>, maps: usize) -> Self {
        let hash = |content: &Vec<u8>| format!("{:x}", Sha256::digest(content));
        let file = |(name, content): (&String, &Vec<u8>)| {
            let path = placed(name).to_string_lossy().into_owned();
            (path, Value::from(hash(content)))
        };
        Self(json!({
            "version": wheel.version,
            "wheel": { "name": wheel.name(), "sha256": wheel.sha256 },
            "source_maps_left_out": maps,
            "bytes": files.values().map(Vec::len).sum::<usize>(),
            "files": files.iter().map(file).collect::<serde_json::Map<_, _>>(),
        }))
    }

    /// Reads the note in `folder`.
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(NAME);
        let unreadable = || format!("cannot read {}", path.display());
        let text = fs::read_to_string(&path).explain(unreadable)?;
        serde_json::from_str(&text).map(Self).explain(unreadable)
    }

    /// Whether it is about the UI of `wheel`.
    pub(super) fn is_of(&self, wheel: &Wheel) -> bool {
        self.0["version"] == wheel.version && self.0["wheel"]["sha256"] == wheel.sha256
    }

    /// Returns the release that it is about.
    pub(super) fn version(&self) -> &str {
        self.0["version"].as_str().unwrap_or_default()
    }

    /// Returns the files it names, each with its SHA-256.
    #[cfg(test)]
    pub(super) fn files(&self) -> &serde_json::Map<String, Value> {
        self.0["files"].as_object().expect("an object")
    }

    /// Returns the file's content.
    pub(super) fn to_json(&self) -> String {
        format!("{:#}\n", self.0)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Value::Object(files) = &self.0["files"] else {
            return Ok(());
        };
        write!(
            f,
            "{} files of {} with {} bytes; {} source maps left out, which only developer \
             tools ask for",
            files.len(),
            self.0["wheel"]["name"].as_str().unwrap_or_default(),
            self.0["bytes"],
            self.0["source_maps_left_out"],
        )
    }
}
