//! `mlflow-shell`: the gateway as one binary, what explains its policy, and
//! what checks a deployment.
//!
//! ```text
//! mlflow-shell serve --config config.json --upstream http://127.0.0.1:5000 --site dist
//! mlflow-shell config check --settings gateway.toml
//! mlflow-shell policy explain --group readers POST /ajax-api/2.0/mlflow/runs/create
//! mlflow-shell smoke --url https://mlflow.example.com
//! ```

mod commands;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use mimalloc::MiMalloc;
use shell_gateway::Log;

use commands::{
    config::{self, Settings},
    health::{self, Health},
    policy::{self, Policy},
    serve::{self, Serve},
    smoke::{self, Smoke},
};

/// A request takes some fifty pieces of memory. With glibc's allocator it takes a
/// tenth longer, and with musl's, which the static program would have, twice as
/// long.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Puts MLflow behind a login.
#[derive(Debug, Parser)]
#[command(name = "mlflow-shell", version)]
enum Cli {
    /// Serves the shell and forwards to MLflow what is permitted.
    Serve(Box<Serve>),
    /// Checks and shows the settings of a gateway, and asks an issuer for some.
    Config(Settings),
    /// Checks and explains who may do what.
    Policy(Policy),
    /// Checks a live deployment, however it is hosted, without changing anything.
    Smoke(Smoke),
    /// Asks a gateway whether it lives.
    Health(Health),
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    without_huge_pages();
    let cli = Cli::parse();
    // A server's settings say how it speaks.
    let _written = (!matches!(cli, Cli::Serve(_))).then(|| Log::default().begin());
    match cli {
        Cli::Serve(serve) => Box::pin(serve::run(*serve))
            .await
            .map(|()| ExitCode::SUCCESS),
        Cli::Config(settings) => config::run(&settings).await,
        Cli::Policy(policy) => policy::run(&policy),
        Cli::Smoke(options) => smoke::run(&options).await,
        Cli::Health(health) => health::run(&health).await.map(|()| ExitCode::SUCCESS),
    }
}

/// Huge pages would double what an idle gateway has. Where the system gives them to
/// whoever does not refuse, as many do, it takes a word to be without.
fn without_huge_pages() {
    // An old system may not know the word, and memory is no reason to stop.
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #[test]
    fn huge_pages_are_refused() {
        super::without_huge_pages();
        let refused = rustix::thread::transparent_huge_pages_are_disabled();
        assert_eq!(refused, Ok(true));
    }
}
