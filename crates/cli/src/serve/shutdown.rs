//! Shutdown on signals.

use anyhow::Result;
use shell_gateway::Draining;

use crate::end_signals::EndSignals;

/// Begins to drain on SIGTERM or SIGINT; the second of them ends the program at
/// once, with whatever is under way.
///
/// # Errors
/// If signals cannot be listened for.
pub(super) fn on_signal(draining: Draining) -> Result<()> {
    let mut signals = EndSignals::new()?;
    tokio::spawn(async move {
        signals.next().await;
        tracing::info!("told to end: finishing what is under way");
        draining.begin();
        signals.next().await;
        tracing::warn!("told again to end: requests under way are cut off");
        std::process::exit(1);
    });
    Ok(())
}
