//! The Lambda function: events in, answers out.

use std::{env, fs, process::ExitCode, sync::Arc};

use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use serde_json::Value;
use shell_authorizer::{Authorizer, Settings};
use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    log();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "stopped");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Error> {
    let settings = Settings::read(|name| env::var_os(name), |path| fs::read_to_string(path))?;
    let authorizer = Arc::new(Authorizer::new(settings));
    let answer = |event: LambdaEvent<Value>| {
        let authorizer = authorizer.clone();
        async move {
            let answer = authorizer.authorize(&event.payload).await;
            answer.map_err(|failure| Diagnostic {
                error_type: "Failure".to_owned(),
                error_message: failure.to_string(),
            })
        }
    };
    lambda_runtime::run(service_fn(answer)).await
}

/// Logs JSON, one line for each event.
fn log() {
    let lines = fmt::layer()
        .json()
        .flatten_event(true)
        .with_span_list(false);
    let targets = Targets::new()
        // At its most talkative the runtime logs whole events, tokens included.
        .with_default(LevelFilter::INFO)
        // It repeats each failure, and each panic after Rust has printed it.
        .with_target("lambda_runtime::layers::panic", LevelFilter::OFF);
    tracing_subscriber::registry()
        .with(lines)
        .with(targets)
        .init();
}
