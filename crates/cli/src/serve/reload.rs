//! Files that may change while the gateway runs.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use shell_gateway::{Certificate, LivePolicy};
use tokio::signal::unix::{SignalKind, signal};

use crate::assemble;

/// On SIGHUP the policy is read again, if there is a file of it, and so is the
/// certificate.
///
/// # Errors
/// If signals cannot be listened for.
pub(super) fn on_hangup(
    policy: LivePolicy,
    file: Option<PathBuf>,
    certificate: Option<Certificate>,
) -> Result<()> {
    let mut asked = signal(SignalKind::hangup()).context("cannot listen for SIGHUP")?;
    tokio::spawn(async move {
        while asked.recv().await.is_some() {
            if let Some(file) = &file {
                replace(&policy, file);
            } else {
                tracing::info!("SIGHUP: there is no policy file to read again");
            }
            if let Some(certificate) = &certificate {
                certificate.reload();
            }
        }
    });
    Ok(())
}

/// A file that is not good changes nothing.
fn replace(policy: &LivePolicy, file: &Path) {
    let replaced = assemble::document(file).and_then(|document| Ok(policy.replace(&document)?));
    match replaced {
        Ok(()) => tracing::info!(file = %file.display(), "the policy is read again"),
        Err(error) => {
            tracing::error!(file = %file.display(), error = format!("{error:#}"),
                "the policy is refused, and the one before stays in force");
        }
    }
}
