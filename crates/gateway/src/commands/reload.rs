//! A policy file that may change while the gateway runs.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use shell_gateway::LivePolicy;
use tokio::signal::unix::{SignalKind, signal};

/// The policy of `file`, which is read again on SIGHUP; without a file the
/// built-in one.
///
/// # Errors
/// If the file cannot be read, or what is in it is no policy.
pub(super) fn policy(file: Option<PathBuf>) -> Result<LivePolicy> {
    let policy = match &file {
        Some(file) => LivePolicy::parse(&read(file)?).with_context(|| named(file))?,
        None => LivePolicy::default(),
    };
    let mut asked = signal(SignalKind::hangup()).context("cannot listen for SIGHUP")?;
    let live = policy.clone();
    tokio::spawn(async move {
        while asked.recv().await.is_some() {
            if let Some(file) = &file {
                replace(&live, file);
            } else {
                tracing::info!("SIGHUP: there is no policy file to read again");
            }
        }
    });
    Ok(policy)
}

/// A file that is not good changes nothing.
fn replace(policy: &LivePolicy, file: &Path) {
    let replaced = read(file).and_then(|document| Ok(policy.replace(&document)?));
    match replaced {
        Ok(()) => tracing::info!(file = %file.display(), "the policy is read again"),
        Err(error) => {
            tracing::error!(file = %file.display(), error = format!("{error:#}"),
                "the policy is refused, and the one before stays in force");
        }
    }
}

fn read(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("cannot read {}", named(file)))
}

fn named(file: &Path) -> String {
    format!("`{}` (--policy)", file.display())
}
