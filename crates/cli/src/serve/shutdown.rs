//! Shutdown on signals.

use anyhow::{Context, Result};
use shell_gateway::Draining;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Begins to drain on SIGTERM or SIGINT; the second of them ends the program at
/// once, with whatever is under way.
///
/// # Errors
/// If signals cannot be listened for.
pub(super) fn on_signal(draining: Draining) -> Result<()> {
    let listen = |kind| signal(kind).context("cannot listen for signals");
    let mut terminate = listen(SignalKind::terminate())?;
    let mut interrupt = listen(SignalKind::interrupt())?;
    tokio::spawn(async move {
        either(&mut terminate, &mut interrupt).await;
        tracing::info!("told to end: finishing what is under way");
        draining.begin();
        either(&mut terminate, &mut interrupt).await;
        tracing::warn!("told again to end: requests under way are cut off");
        std::process::exit(1);
    });
    Ok(())
}

async fn either(one: &mut Signal, other: &mut Signal) {
    tokio::select! { _ = one.recv() => {}, _ = other.recv() => {} }
}
