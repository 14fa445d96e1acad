//! A real identity provider as a program of its own, which a script starts.
//!
//! The script gets `PORT`, `ORIGIN` (how browsers reach it), `SITE` (the shell's
//! origin), `CLIENT_ID`, `PASSWORD` and `LIFETIME` (of its tokens, in seconds). It
//! prints `ready` when the provider answers. On SIGUSR1 it removes every session
//! and every token, as an administrator may, and prints `removed`.

use std::{
    path::PathBuf,
    process::Command,
    sync::{Arc, Mutex, mpsc::Receiver},
    time::Duration,
};

use anyhow::{Context, Result};

use crate::{child::Program, server::free_port};

/// How long a provider may take to remove its sessions.
const REMOVAL: Duration = Duration::from_secs(20);

/// A provider's script, and how it is run.
#[derive(Debug, Clone)]
pub struct ProviderProgram {
    /// What runs the script.
    pub interpreter: PathBuf,
    /// The script.
    pub script: PathBuf,
    /// Its environment, besides.
    pub variables: Vec<(String, String)>,
    /// What its issuer has after its origin.
    pub issuer_path: &'static str,
    /// What runs, once it does.
    running: Arc<Mutex<Option<Running>>>,
}

#[derive(Debug)]
struct Running {
    program: Program,
    lines: Receiver<String>,
}

impl ProviderProgram {
    /// The app client.
    pub const CLIENT_ID: &str = "mlflow-shell";
    /// The user in one group.
    pub const READER: &str = "ann";
    /// The user in several groups.
    pub const ADMIN: &str = "bob";
    /// The password of both.
    pub const PASSWORD: &str = "Providers-dev-0nly";

    /// What runs `script` with `interpreter`.
    pub fn new(interpreter: PathBuf, script: PathBuf, issuer_path: &'static str) -> Self {
        Self {
            interpreter,
            script,
            variables: Vec::new(),
            issuer_path,
            running: Arc::default(),
        }
    }

    /// Starts it for the shell at `site`. Browsers reach it at `origin`; returned
    /// is where it listens.
    pub(crate) fn start(&self, origin: &str, site: &str, lifetime: u64) -> Result<String> {
        let port = free_port()?;
        let mut command = Command::new(&self.interpreter);
        command
            .arg(&self.script)
            .env("PORT", port.to_string())
            .env("ORIGIN", origin)
            .env("SITE", site)
            .env("CLIENT_ID", Self::CLIENT_ID)
            .env("PASSWORD", Self::PASSWORD)
            .env("LIFETIME", lifetime.to_string())
            .envs(self.variables.iter().cloned());
        let (program, lines) = Program::start_speaking(&mut command, "ready")?;
        let mut running = self.running.lock().expect("no other thread panicked");
        *running = Some(Running { program, lines });
        Ok(format!("http://127.0.0.1:{port}"))
    }

    /// Has the provider remove every session and every token.
    ///
    /// # Errors
    /// If it does not say that it has.
    ///
    /// # Panics
    /// If another thread panicked while it used the provider.
    pub fn remove_sessions(&self) -> Result<()> {
        let running = self.running.lock().expect("no other thread panicked");
        let running = running.as_ref().context("the provider runs")?;
        running.program.signal(rustix::process::Signal::USR1)?;
        loop {
            let line = running.lines.recv_timeout(REMOVAL);
            if line.context("the provider removed nothing")? == "removed" {
                return Ok(());
            }
        }
    }
}
