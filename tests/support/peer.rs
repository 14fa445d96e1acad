//! The independent identity provider: a process of its own.

use std::{path::Path, process::Command};

use anyhow::Result;

use crate::{child::Program, server::free_port};

/// A running provider.
#[derive(Debug)]
pub struct Peer {
    /// Where it listens. Browsers reach it through its public origin only.
    pub url: String,
    _program: Program,
}

/// What tokens it issues.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tokens {
    /// How long ID and access tokens live, in seconds, if not an hour.
    pub lifetime: Option<u64>,
    /// Whether every refresh replaces the refresh token.
    pub rotate: bool,
}

impl Tokens {
    fn variables(self) -> Vec<(&'static str, String)> {
        let mut variables = vec![("ROTATE", u8::from(self.rotate).to_string())];
        if let Some(seconds) = self.lifetime {
            variables.extend(["ACCESS_TTL", "ID_TTL"].map(|name| (name, seconds.to_string())));
        }
        variables
    }
}

impl Peer {
    /// The app client.
    pub const CLIENT_ID: &str = "shell-under-test";
    /// The user in two groups.
    pub const USER: &str = "alice@example.com";
    /// The user in none.
    pub const OUTSIDER: &str = "bob@example.com";
    /// The secret of the app client on paths of its own, which has one.
    pub const CLIENT_SECRET: &str = "peer's secret: 100%+/=";
    /// The machine that may read, and the one that may also write.
    pub const MACHINES: [&str; 2] = ["machine-reader", "machine-writer"];
    /// The secret of both.
    pub const MACHINE_SECRET: &str = "peer-machine-secret";
    /// The `aud` of access tokens.
    pub const RESOURCE: &str = "https://mlflow.example.com/api";
    /// The password of everybody.
    pub const PASSWORD: &str = "peer-dev-only";

    /// Starts the provider in `folder`, known as `origin`, for the shell at
    /// `shell`, with tokens of that lifetime.
    pub fn start(folder: &Path, origin: &str, shell: &str, tokens: Tokens) -> Result<Self> {
        let mut command = Command::new("node");
        command.arg("server.mjs").envs(tokens.variables());
        Self::run(command, folder, origin, shell)
    }

    /// Starts the provider that is nothing like Cognito, the same way.
    pub fn start_plain(folder: &Path, origin: &str, shell: &str) -> Result<Self> {
        let mut command = Command::new("node");
        command
            .arg("plain.mjs")
            .env("CLIENT_SECRET", Self::CLIENT_SECRET)
            .env("RESOURCE", Self::RESOURCE);
        Self::run(command, folder, origin, shell)
    }

    fn run(mut command: Command, folder: &Path, origin: &str, shell: &str) -> Result<Self> {
        let port = free_port()?;
        command
            .env("PORT", port.to_string())
            .env("ISSUER", origin)
            .env("APP_ORIGIN", shell)
            .env("CLIENT_ID", Self::CLIENT_ID)
            .current_dir(folder);
        let ready = |line: &str| line.starts_with("ready ").then_some(());
        let (program, ()) = Program::start(&mut command, ready)?;
        Ok(Self {
            url: format!("http://127.0.0.1:{port}"),
            _program: program,
        })
    }
}
