//! The gateway as the program that is released.

use std::{fs, path::Path, process::Command};

use anyhow::Result;
use shell_core::Config;
use tempfile::TempDir;

use crate::{child::Program, client, environment, server::free_port, usage::Usage, wait};

/// A running gateway, stopped when dropped.
#[derive(Debug)]
pub struct GatewayProgram {
    /// Where it is reached.
    pub origin: String,
    program: Program,
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
        let folder = tempfile::tempdir()?;
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).map(|()| path)
        };
        let port = free_port()?;
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
        let gateway = Self {
            origin: format!("http://127.0.0.1:{port}"),
            program: Program::spawn(&mut command)?,
            _folder: folder,
        };
        let healthy = format!("{}/healthz", gateway.origin);
        wait::until("the gateway", async || {
            Ok(client::get(&healthy, &[]).await.ok().map(drop))
        })
        .await?;
        Ok(gateway)
    }

    /// Memory that the program has, in bytes.
    ///
    /// # Errors
    /// If the system does not say.
    pub fn resident(&self) -> Result<u64> {
        Ok(Usage::of(self.program.id())?.resident)
    }
}
