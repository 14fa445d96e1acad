//! The Python that has MLflow, and what it runs.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Result, bail};

/// Prints the version without loading MLflow, which takes seconds.
const VERSION: &str = "from importlib.metadata import version; print(version('mlflow'))";

/// A Python with MLflow.
#[derive(Debug)]
pub(super) struct Python {
    program: PathBuf,
    mlflow_version: String,
}

impl Python {
    /// The Python that `given` names, or else one in the folder of this program, where
    /// pip puts both, or `python3`.
    ///
    /// # Errors
    /// If it has no MLflow.
    pub(super) fn with_mlflow(given: Option<&Path>) -> Result<Self> {
        let candidates = match given {
            Some(program) => vec![program.to_owned()],
            None => candidates(),
        };
        for program in &candidates {
            if let Some(mlflow_version) = mlflow_version(program) {
                let program = program.clone();
                return Ok(Self {
                    program,
                    mlflow_version,
                });
            }
        }
        let tried: Vec<_> = candidates
            .iter()
            .map(|program| format!("`{}`", program.display()))
            .collect();
        bail!(
            "MLflow is not installed for {}: run `pip install mlflow` there, name a Python that \
             has it (--python), or an MLflow that already runs (--upstream)",
            tried.join(" or ")
        )
    }

    pub(super) fn mlflow_version(&self) -> &str {
        &self.mlflow_version
    }

    /// MLflow's server on loopback, with a store in `folder`.
    pub(super) fn mlflow_server(&self, folder: &Path, port: u16) -> Command {
        let mut command = self.command(folder);
        command
            // Each worker takes seconds to start, and one serves one person well.
            .args(["-m", "mlflow", "server", "--workers", "1"])
            .args(["--host", "127.0.0.1", "--port", &port.to_string()])
            .arg("--backend-store-uri")
            .arg(format!("sqlite:///{}", folder.join("mlflow.db").display()))
            .arg("--artifacts-destination")
            .arg(folder.join("artifacts"))
            // Background jobs run in sessions of their own: they would outlive it.
            .env("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false");
        command
    }

    /// Adds what is missing of the demo data.
    pub(super) fn demo_data(&self, folder: &Path, url: &str) -> Command {
        let mut command = self.command(folder);
        command
            .args(["-m", "mlflow_auth_shell.demo", url])
            .arg(folder.join("demo.json"));
        command
    }

    /// Python in `folder`, without the settings for another MLflow.
    fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(folder);
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("MLFLOW_") {
                command.env_remove(name);
            }
        }
        command
    }
}

fn candidates() -> Vec<PathBuf> {
    let beside = env::current_exe().ok();
    let beside = beside.and_then(|program| Some(program.parent()?.join("python")));
    let beside = beside.filter(|python| python.is_file());
    beside.into_iter().chain(["python3".into()]).collect()
}

fn mlflow_version(python: &Path) -> Option<String> {
    let mut command = Command::new(python);
    let output = command
        .args(["-c", VERSION])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
