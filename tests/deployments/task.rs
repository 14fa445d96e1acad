//! A task of an ECS service: the gateway, and MLflow beside it on loopback.

use std::{fs, path::PathBuf, process::Command};

use anyhow::Result;
use rustix::process::Signal;
use serde_json::Value;
use shell_tests::{child::Program, client, environment, server::free_port, wait};

use crate::{
    compose::{Compose, source},
    parts::{log, mlflow_environment, program},
};

/// A gateway, and its MLflow.
#[derive(Debug)]
pub(crate) struct Task {
    /// Where the load balancer reaches the gateway.
    pub(crate) port: u16,
    gateway: Option<Program>,
    command: Command,
    _mlflow: Program,
}

/// The file's `config.json` for the addresses here, with some keys replaced.
///
/// # Errors
/// If it is not JSON.
pub(crate) fn configuration(compose: &Compose, changes: &[(&str, Value)]) -> Result<Value> {
    let text = fs::read_to_string(source().join("config.json"))?;
    let mut config: Value = serde_json::from_str(&compose.relocated(&text))?;
    for (key, value) in changes {
        config[key] = value.clone();
    }
    Ok(config)
}

impl Task {
    /// Starts both, the gateway at `port`, with the settings of the Compose file. Its own
    /// are in its environment only.
    ///
    /// # Errors
    /// If one does not become ready.
    pub(crate) async fn start(compose: &Compose, port: u16, config: &Value) -> Result<Self> {
        let folder = compose.folder.path().to_owned();
        let mlflow_port = free_port()?;
        let mlflow = start_mlflow(compose, mlflow_port)?;
        let mut command = Command::new(program("SHELL_TEST_GATEWAY")?);
        command
            .args(["serve", "--listen", &format!("127.0.0.1:{port}")])
            .arg("--site")
            .arg(environment::site())
            .env_clear()
            .envs(compose.environment("gateway")?)
            .env(
                "MLFLOW_SHELL_UPSTREAM",
                format!("http://127.0.0.1:{mlflow_port}"),
            )
            .env("MLFLOW_SHELL_CONFIG_JSON", config.to_string())
            .env("MLFLOW_SHELL_TRUST__PROXIES", r#"["127.0.0.0/8"]"#)
            .stdout(log(&folder, &format!("gateway-{port}"))?)
            .stderr(log(&folder, &format!("gateway-{port}"))?);
        let mut task = Self {
            port,
            gateway: None,
            command,
            _mlflow: mlflow,
        };
        healthy_mlflow(mlflow_port).await?;
        task.start_gateway().await?;
        Ok(task)
    }

    /// Starts the gateway, and waits until it is ready.
    ///
    /// # Errors
    /// If it does not become ready.
    pub(crate) async fn start_gateway(&mut self) -> Result<()> {
        self.gateway = Some(Program::spawn(&mut self.command)?);
        let ready = format!("http://127.0.0.1:{}/readyz", self.port);
        wait::until("a gateway that is ready", async || {
            let status = client::get(&ready, &[]).await?.status;
            Ok((status == 200).then_some(()))
        })
        .await
    }

    /// Ends the gateway at once, with all its connections.
    ///
    /// # Errors
    /// If it has ended.
    pub(crate) fn kill(&mut self) -> Result<()> {
        if let Some(gateway) = self.gateway.take() {
            gateway.signal(Signal::KILL)?;
        }
        Ok(())
    }

    /// Has the gateway end in order, and waits until it has.
    ///
    /// # Errors
    /// If it does not end.
    pub(crate) async fn drain(&mut self) -> Result<()> {
        let Some(mut gateway) = self.gateway.take() else {
            return Ok(());
        };
        gateway.signal(Signal::TERM)?;
        let gateway = std::cell::RefCell::new(&mut gateway);
        wait::until("the gateway to have ended", async || {
            Ok(gateway.borrow_mut().has_ended()?.then_some(()))
        })
        .await
    }
}

/// `mlflow server` with its options in the environment, as its container has them.
fn start_mlflow(compose: &Compose, port: u16) -> Result<Program> {
    let folder = compose.volume(&format!("mlflow-{port}"))?;
    let mlflow: PathBuf = program("SHELL_TEST_PYTHON")?.with_file_name("mlflow");
    let mut command = Command::new(mlflow);
    command
        .arg("server")
        .envs(mlflow_environment(compose)?)
        .env("MLFLOW_PORT", port.to_string())
        .env("HOME", &folder)
        .current_dir(&folder)
        .stdout(log(&folder, "mlflow")?)
        .stderr(log(&folder, "mlflow")?);
    Program::spawn(&mut command)
}

async fn healthy_mlflow(port: u16) -> Result<()> {
    let health = format!("http://127.0.0.1:{port}/health");
    wait::until("MLflow", async || {
        let status = client::get(&health, &[]).await?.status;
        Ok((status == 200).then_some(()))
    })
    .await
}
