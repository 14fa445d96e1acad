//! The gateway as the program that is released.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result};
use shell_core::Config;
use tempfile::TempDir;

use crate::{child::Program, client, environment, server::free_port, usage::Usage, wait};

/// A running gateway, stopped when dropped.
#[derive(Debug)]
pub struct GatewayProgram {
    /// Where it is reached.
    pub origin: String,
    program: Option<Program>,
    command: Command,
    _folder: TempDir,
}

impl GatewayProgram {
    /// Starts `program` for the site of `config`, with `settings` as a file has
    /// them and nothing in its environment but `variables`.
    ///
    /// # Errors
    /// If it does not start.
    pub async fn start(
        program: &Path,
        config: &Config,
        settings: &str,
        variables: &[(&str, &str)],
    ) -> Result<Self> {
        Self::start_at(free_port()?, program, config, settings, variables).await
    }

    /// Starts it on a port of the test's choice, such as that of `config`'s origin.
    ///
    /// # Errors
    /// If it does not start.
    pub async fn start_at(
        port: u16,
        program: &Path,
        config: &Config,
        settings: &str,
        variables: &[(&str, &str)],
    ) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).map(|()| path)
        };
        let mut command = Command::new(program);
        command
            .arg("serve")
            .args(["--listen", &format!("127.0.0.1:{port}"), "--audit-log=off"])
            .arg("--site")
            .arg(environment::site())
            .arg("--config")
            .arg(file("config.json", &serde_json::to_string(config)?)?)
            .arg("--settings")
            .arg(file("gateway.toml", settings)?)
            .env_clear()
            .envs(variables.iter().copied());
        let mut gateway = Self {
            origin: format!("http://127.0.0.1:{port}"),
            program: None,
            command,
            _folder: folder,
        };
        gateway.restart().await?;
        Ok(gateway)
    }

    /// Stops it, and starts it again.
    ///
    /// # Errors
    /// If it does not start.
    pub async fn restart(&mut self) -> Result<()> {
        drop(self.program.take());
        self.program = Some(Program::spawn(&mut self.command)?);
        let healthy = format!("{}/healthz", self.origin);
        wait::until("the gateway", async || {
            Ok(client::get(&healthy, &[]).await.ok().map(drop))
        })
        .await
    }

    /// Memory that the program has, in bytes.
    ///
    /// # Errors
    /// If the system does not say.
    pub fn resident(&self) -> Result<u64> {
        let program = self.program.as_ref().context("it runs")?;
        Ok(Usage::of(program.id())?.resident)
    }
}
