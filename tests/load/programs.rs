//! The programs under load.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result};
use serde_json::json;
use shell_tests::{child::Program, environment};

/// Starts MLflow with its data in `folder`.
pub(crate) fn start_mlflow(folder: &Path, port: u16) -> Result<Program> {
    let python = environment::python().context("MLflow is not installed")?;
    let log = fs::File::options()
        .create(true)
        .append(true)
        .open(folder.join("mlflow.log"))?;
    let mut command = Command::new(python.with_file_name("mlflow"));
    command
        .args([
            "server",
            "--host",
            "127.0.0.1",
            "--workers",
            "1",
            "--port",
            &port.to_string(),
        ])
        .arg("--backend-store-uri")
        .arg(format!("sqlite:///{}", folder.join("mlflow.db").display()))
        .arg("--artifacts-destination")
        .arg(folder.join("artifacts"))
        .current_dir(folder)
        .env("MLFLOW_DISABLE_TELEMETRY", "true")
        .env("DO_NOT_TRACK", "true")
        .env("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false")
        .stdout(log.try_clone()?)
        .stderr(log);
    Program::spawn(&mut command)
}

/// How the gateway is started, without its certificate.
pub(crate) fn gateway(folder: &Path, port: u16, mlflow: u16, issuer: &str) -> Result<Command> {
    let config = json!({
        "origin": format!("https://localhost:{port}"),
        "upstreams": [],
        "provider": { "domain": issuer, "issuer": issuer, "client_id": "shell-under-test" },
        "python": { "access": "token" },
    });
    fs::write(folder.join("config.json"), config.to_string())?;
    let gateway =
        std::env::var_os("SHELL_TEST_GATEWAY").context("SHELL_TEST_GATEWAY is not set")?;
    let mut command = Command::new(gateway);
    command
        .args(["serve", "--listen", &format!("127.0.0.1:{port}")])
        .args(["--upstream", &format!("http://127.0.0.1:{mlflow}")])
        .arg("--config")
        .arg(folder.join("config.json"))
        .arg("--site")
        .arg(environment::site())
        .arg("--audit-log")
        .arg(folder.join("audit"))
        .env("RUST_LOG", "warn")
        // Few enough that the crowd is too many.
        .env("MLFLOW_SHELL_LIMITS__REQUESTS_PER_USER", "64")
        .env("MLFLOW_SHELL_LIMITS__QUEUE", "256")
        .stdout(Stdio::null())
        .stderr(fs::File::create(folder.join("gateway.log"))?);
    Ok(command)
}
