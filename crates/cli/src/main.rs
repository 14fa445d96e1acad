//! `mlflow-shell`: the gateway as one program, with commands that explain its
//! policy, check its settings, and check a deployment.
//!
//! ```text
//! mlflow-shell serve --config config.json --upstream http://127.0.0.1:5000 --site dist
//! mlflow-shell config check --settings gateway.toml
//! mlflow-shell policy explain --group readers POST /ajax-api/2.0/mlflow/runs/create
//! mlflow-shell smoke --url https://mlflow.example.com
//! ```

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use mimalloc::MiMalloc;
use shell_cli::Cli;

/// A request allocates some fifty times. With glibc's allocator it takes a tenth
/// longer, and with musl's, which the static program would have, twice as long.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main]
async fn main() -> Result<ExitCode> {
    disable_huge_pages();
    Box::pin(Cli::parse().run()).await
}

/// Transparent huge pages would double the memory of an idle gateway. Many systems
/// give them to every process that does not opt out.
fn disable_huge_pages() {
    // An old kernel may not have the option, and memory is no reason to stop.
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #[test]
    fn huge_pages_are_disabled() {
        super::disable_huge_pages();
        let disabled = rustix::thread::transparent_huge_pages_are_disabled();
        assert_eq!(disabled, Ok(true));
    }
}
