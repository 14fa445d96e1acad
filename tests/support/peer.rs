//! The independent identity provider: a process of its own.

use std::{net::TcpListener, path::Path, process::Command};

use anyhow::{Context, Result};

use crate::child::Program;

/// A running provider.
#[derive(Debug)]
pub struct Peer {
    /// Where it listens. Browsers reach it through its public origin only.
    pub url: String,
    _program: Program,
}

impl Peer {
    /// The user in two groups.
    pub const USER: &str = "alice@example.com";
    /// The user in none.
    pub const OUTSIDER: &str = "bob@example.com";
    /// The password of both.
    pub const PASSWORD: &str = "peer-dev-only";

    /// Starts the provider in `folder`, known as `origin`, for the shell at
    /// `shell`.
    pub fn start(folder: &Path, origin: &str, shell: &str) -> Result<Self> {
        let port = free_port()?;
        let mut command = Command::new("node");
        command
            .arg("server.mjs")
            .env("PORT", port.to_string())
            .env("ISSUER", origin)
            .env("APP_ORIGIN", shell)
            .env("CLIENT_ID", "shell-under-test")
            .current_dir(folder);
        let ready = |line: &str| line.starts_with("ready ").then_some(());
        let (program, ()) = Program::start(&mut command, ready)?;
        Ok(Self {
            url: format!("http://127.0.0.1:{port}"),
            _program: program,
        })
    }
}

/// Returns a port that was free a moment ago.
fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("no port is free")?;
    Ok(listener.local_addr()?.port())
}
