//! A code that is copied from a browser elsewhere.

use std::io::{BufRead, stdin};

use shell_core::Secret;

use super::failure::{Failure, FailureResult};

/// The longest line that is read, in bytes. A code has some hundred.
const LONGEST: usize = 16 * 1024;

/// Shows where to sign in, and asks for the code that the site's page shows then.
///
/// # Errors
/// If none is typed.
pub(crate) async fn ask(url: &str) -> FailureResult<Secret> {
    eprintln!("Open this address in a browser, on any machine, and sign in there:");
    eprintln!("\n    {url}\n");
    eprintln!("Then paste the code that the page shows, and press Enter:");
    let reading = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        stdin().lock().read_line(&mut line).map(|_| line)
    });
    let line = reading.await.ok().and_then(Result::ok).unwrap_or_default();
    let line = line.trim();
    if line.is_empty() || line.len() > LONGEST {
        return Err(Failure::other(
            "no code was pasted: begin the sign-in again",
        ));
    }
    // The page's whole address does, too.
    let query = line.split_once('?').map_or(line, |(_, query)| query);
    Ok(Secret::new(query))
}
