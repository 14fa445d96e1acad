//! Shutdown on signals.

use std::time::Duration;

use anyhow::Result;
use shell_gateway::Draining;

use crate::end_signals::EndSignals;

/// Begins to drain `delay` after SIGTERM or SIGINT; the second of them ends the
/// program at once, with whatever is under way.
///
/// # Errors
/// If signals cannot be listened for.
pub(super) fn on_signal(draining: Draining, delay: Duration) -> Result<()> {
    let mut signals = EndSignals::new()?;
    tokio::spawn(async move {
        signals.next().await;
        tokio::spawn(drain_after(delay, draining));
        signals.next().await;
        tracing::warn!("told again to end: requests under way are cut off");
        std::process::exit(1);
    });
    Ok(())
}

/// Balancers that learn late that this gateway is not ready still send requests.
async fn drain_after(delay: Duration, draining: Draining) {
    if !delay.is_zero() {
        draining.announce();
        tracing::info!(?delay, "told to end: not ready, and serving for this long");
        tokio::time::sleep(delay).await;
    }
    tracing::info!("told to end: finishing what is under way");
    draining.begin();
}
