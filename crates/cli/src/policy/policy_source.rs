//! The policy that a command is about.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use clap::Args;
use shell_core::policy::Policy;

/// The policy that a command is about.
#[derive(Debug, Clone, Args)]
pub(super) struct PolicySource {
    /// Policy file [default: the built-in policy]
    #[arg(long = "policy", value_name = "FILE")]
    file: Option<PathBuf>,
}

impl PolicySource {
    /// Reads it.
    ///
    /// # Errors
    /// As [`read`].
    pub(super) fn policy(&self) -> Result<Policy> {
        self.file
            .as_deref()
            .map_or_else(|| Ok(Policy::built_in()), read)
    }
}

/// The policy in `file`.
///
/// # Errors
/// If it cannot be read, or what is in it is no policy: with the place.
pub(super) fn read(file: &Path) -> Result<Policy> {
    let name = file.display();
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read `{name}`"))?;
    Policy::parse(&text).map_err(|error| anyhow!("{name}: {error}"))
}
