//! `[audit]`: what is written down, and where.

use std::{num::NonZeroUsize, path::PathBuf};

use serde::{Deserialize, Serialize};

/// What is written down, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuditSettings {
    /// `-` is standard output, `off` nowhere; otherwise what the names of the
    /// files begin with.
    pub file: PathBuf,
    /// How many days' files are kept.
    pub days: NonZeroUsize,
    /// Reads are written down, too.
    pub reads: bool,
}

impl Default for AuditSettings {
    fn default() -> Self {
        Self {
            file: PathBuf::from("-"),
            days: const { NonZeroUsize::new(90).expect("90 is not 0") },
            reads: false,
        }
    }
}
