//! Files that may change while the gateway runs.

use std::path::Path;

use anyhow::{Context, Result};
use shell_gateway::{Certificate, LivePolicy, settings::Settings};
use tokio::signal::unix::{SignalKind, signal};

use crate::assemble;

/// On SIGHUP the policy is read again, if there is a file of it, and so is the
/// certificate.
///
/// # Errors
/// If signals cannot be listened for.
pub(super) fn on_hangup(
    policy: LivePolicy,
    settings: &Settings,
    certificate: Option<Certificate>,
) -> Result<()> {
    let file = settings.policy.clone();
    let is_inline = settings.policy_json.is_some();
    let mut asked = signal(SignalKind::hangup()).context("cannot listen for SIGHUP")?;
    tokio::spawn(async move {
        while asked.recv().await.is_some() {
            if let Some(file) = &file {
                replace(&policy, file);
            } else if is_inline {
                tracing::info!(
                    "SIGHUP: the policy is that of MLFLOW_SHELL_POLICY_JSON (policy_json), which \
                     stays as it was at the start: restart the gateway to change it"
                );
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
    let replaced =
        assemble::policy_document(file).and_then(|document| Ok(policy.replace(&document.text)?));
    match replaced {
        Ok(()) => tracing::info!(file = %file.display(), "the policy is read again"),
        Err(error) => {
            tracing::error!(file = %file.display(), error = format!("{error:#}"),
                "the policy is refused, and the one before stays in force");
        }
    }
}
