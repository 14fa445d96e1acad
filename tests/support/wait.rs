//! Waiting for something to be so.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// How long anything may take. Steps run beside each other on two cores, where a
/// download of 20 MB through a program without optimisation took 45 s.
const LIMIT: Duration = Duration::from_secs(90);

const POLL: Duration = Duration::from_millis(50);

/// Looks again and again until `look` finds what it is looking for.
///
/// # Errors
/// With what was awaited and the last error, if it was not found in time. An
/// error while looking is no more than "not yet".
pub async fn until<T>(what: &str, look: impl AsyncFn() -> Result<Option<T>>) -> Result<T> {
    let deadline = Instant::now() + LIMIT;
    let mut problem = String::new();
    loop {
        match look().await {
            Ok(Some(found)) => return Ok(found),
            Ok(None) => problem.clear(),
            Err(error) => problem = format!(" ({})", without_stack(&error.to_string())),
        }
        if Instant::now() >= deadline {
            bail!("in {} s there was not: {what}{problem}", LIMIT.as_secs());
        }
        tokio::time::sleep(POLL).await;
    }
}

/// What a driver says, without where in the driver it says so.
fn without_stack(error: &str) -> &str {
    error.split("Stacktrace").next().unwrap_or_default().trim()
}
