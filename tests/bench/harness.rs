//! What every measurement begins with, and how it speaks.

use std::env;

use anyhow::{Context, Result, bail};
use tokio::signal::unix::{SignalKind, signal};

/// Where the number of samples is said.
const SAMPLES: &str = "SHELL_BENCH_SAMPLES";

/// As many as the figures are to be medians of, unless another number is said.
const DEFAULT_SAMPLES: usize = 9;

/// Measures until that is done or the program is asked to stop.
pub(crate) async fn run(measure: impl Future<Output = Result<()>>) -> Result<()> {
    // Whatever the measurement started ends when it is dropped.
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        outcome = measure => outcome,
        _ = terminate.recv() => bail!("asked to stop"),
    }
}

/// Returns how many samples are to be taken.
pub(crate) fn samples() -> Result<usize> {
    let Ok(text) = env::var(SAMPLES) else {
        return Ok(DEFAULT_SAMPLES);
    };
    let count = text.parse().ok().filter(|count| *count > 0);
    count.with_context(|| format!("{SAMPLES} must be a number above 0, not `{text}`"))
}

#[expect(clippy::print_stdout, reason = "a measurement talks to a person")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}
