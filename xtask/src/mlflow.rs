//! A real MLflow server on loopback, with a store of its own.

pub(crate) mod environment;
pub(crate) mod release;

use std::{
    env,
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use crate::{
    console::say,
    failure::{Explain, Failure, Result},
    http,
    logged::LoggedProcess,
    places, process,
    python::Environment,
};

/// The version used unless another is asked for.
pub(crate) const DEFAULT_VERSION: &str = "3.18.0";
/// What the demo data is called, for deep links; written once it is complete.
pub(crate) const DEMO: &str = "demo.json";
/// Asks a Python where its MLflow has the UI, without loading MLflow.
const UI: &str = "import importlib.util, os; \
     package = importlib.util.find_spec('mlflow').submodule_search_locations[0]; \
     print(os.path.join(package, 'server', 'js', 'build'))";
/// Its presence says that the store is ours and lacks demo data, or a part of it.
const DEMO_WANTED: &str = "demo-unfinished";
const DATABASE: &str = "mlflow.db";

const START_LIMIT: Duration = Duration::from_mins(3);

/// A running MLflow.
#[derive(Debug)]
pub(crate) struct Mlflow {
    /// The address it answers at.
    pub(crate) url: String,
    /// The process behind it.
    pub(crate) server: LoggedProcess,
    environment: Environment,
    folder: PathBuf,
}

/// Makes a store with many runs in `folder`, unless it is there, and returns the file
/// with the ids of their experiments.
pub(crate) fn many_runs(version: &str, folder: &Path) -> Result<PathBuf> {
    let ids = folder.join("many-runs.json");
    if ids.is_file() {
        return Ok(ids);
    }
    let environment = environment::ensure(version)?;
    // What an attempt that was interrupted has left.
    remove(fs::remove_dir_all(folder)).explain(|| format!("cannot clear {}", folder.display()))?;
    fs::create_dir_all(folder).explain(|| format!("cannot create {}", folder.display()))?;
    say("making a store with 11,000 runs (once; about a minute)");
    let mut command = Command::new(environment.program("python"));
    command
        .arg("-B")
        .arg(places::workspace().join("tests/bench/wire/data.py"))
        .arg(format!("sqlite:///{}", folder.join(DATABASE).display()))
        .arg(&ids);
    quiet(&mut command);
    let log = folder.join("data.log");
    LoggedProcess::start("making the store", &mut command, &log)?.finish()?;
    Ok(ids)
}

/// Starts MLflow `version` with these options on an empty store in `folder`: what is
/// there is removed.
pub(crate) fn launch_empty(version: &str, folder: &Path, options: &[&str]) -> Result<Mlflow> {
    remove(fs::remove_dir_all(folder)).explain(|| format!("cannot clear {}", folder.display()))?;
    launch_with(version, folder, options, &[])
}

/// The same, with an AI gateway that may ask models on this machine, which MLflow
/// otherwise refuses.
pub(crate) fn launch_for_models(version: &str, folder: &Path) -> Result<Mlflow> {
    remove(fs::remove_dir_all(folder)).explain(|| format!("cannot clear {}", folder.display()))?;
    let variables = [
        ("MLFLOW_GATEWAY_API_BASE_ALLOWED_SCHEMES", "http"),
        ("MLFLOW_GATEWAY_API_BASE_ALLOW_PRIVATE_IPS", "true"),
        // Of a store that lives as long as the test.
        (
            "MLFLOW_CRYPTO_KEK_PASSPHRASE",
            "for-tests-only-and-nowhere-else",
        ),
    ];
    launch_with(version, folder, &[], &variables)
}

/// Returns how long it takes to install MLflow `version`, to start it and to add
/// the demo data, in minutes.
pub(crate) fn minutes(version: &str) -> Result<u32> {
    Ok(if environment::is_installed(version)? {
        0
    } else {
        3
    })
}

/// Starts MLflow `version` on the store in `folder`, without waiting for it.
pub(crate) fn launch(version: &str, folder: &Path) -> Result<Mlflow> {
    launch_with(version, folder, &[], &[])
}

fn launch_with(
    version: &str,
    folder: &Path,
    options: &[&str],
    variables: &[(&str, &str)],
) -> Result<Mlflow> {
    let environment = environment::ensure(version)?;
    fs::create_dir_all(folder).explain(|| format!("cannot create {}", folder.display()))?;
    note_new_store(folder)?;

    say(format!("starting MLflow {version} on {}", folder.display()));
    let port = http::free_port()?;
    let mut command = command(&environment, folder, port);
    command.args(options).envs(variables.iter().copied());
    let log = folder.join("mlflow.log");
    Ok(Mlflow {
        url: format!("http://127.0.0.1:{port}"),
        server: LoggedProcess::start("the MLflow server", &mut command, &log)?,
        environment,
        folder: folder.to_owned(),
    })
}

impl Mlflow {
    /// The Python that has its client.
    pub(crate) fn python(&self) -> PathBuf {
        self.environment.program("python")
    }

    /// The folder of the UI that was released with it.
    pub(crate) fn ui(&self) -> Result<PathBuf> {
        let answer = process::answer(Command::new(self.python()).args(["-c", UI]));
        let folder = answer.map(|text| PathBuf::from(text.trim_end()));
        folder
            .filter(|folder| folder.join("index.html").is_file())
            .ok_or_else(|| Failure::because("the installed MLflow has no UI"))
    }

    /// Where it keeps its database and artifacts.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Waits until it answers.
    pub(crate) fn wait(&mut self) -> Result<()> {
        let health = format!("{}/health", self.url);
        self.server.wait_until_healthy(&health, START_LIMIT)
    }

    /// Waits until it answers, and completes the demo data of a store that was
    /// made here, whatever else has been put into it since.
    pub(crate) fn make_ready(&mut self) -> Result<()> {
        self.wait()?;
        if self.folder.join(DEMO_WANTED).is_file() {
            fill(&self.environment, &self.folder, &self.url)?;
        }
        Ok(())
    }
}

fn command(environment: &Environment, folder: &Path, port: u16) -> Command {
    let database = format!("sqlite:///{}", folder.join(DATABASE).display());
    let mut command = Command::new(environment.program("mlflow"));
    command
        // Each worker takes seconds to start, and one serves one person well.
        .args(["server", "--host", "127.0.0.1", "--workers", "1"])
        .args(["--port", &port.to_string()])
        .args(["--backend-store-uri", &database])
        // MLflow 2 and later do it anyway.
        .arg("--serve-artifacts")
        .arg("--artifacts-destination")
        .arg(folder.join("artifacts"))
        .env("PATH", path(environment))
        .current_dir(folder);
    quiet(&mut command);
    // Background jobs run in sessions of their own: they would outlive the server.
    command.env("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false");
    command
}

/// Returns a `PATH` on which older releases find the server that they start.
fn path(environment: &Environment) -> OsString {
    let mut path = environment.program("").into_os_string();
    if let Some(inherited) = env::var_os("PATH") {
        path.push(":");
        path.push(inherited);
    }
    path
}

/// Keeps a developer's settings for another MLflow, and telemetry, out of it.
fn quiet(command: &mut Command) {
    command
        .env("MLFLOW_DISABLE_TELEMETRY", "true")
        .env("DO_NOT_TRACK", "true")
        .env_remove("MLFLOW_TRACKING_URI")
        .env_remove("MLFLOW_REGISTRY_URI")
        .env_remove("MLFLOW_EXPERIMENT_NAME")
        .env_remove("MLFLOW_EXPERIMENT_ID")
        .env_remove("MLFLOW_RUN_ID");
}

/// Adds what the demo data lacks: an earlier attempt may have been interrupted.
fn fill(environment: &Environment, folder: &Path, url: &str) -> Result<()> {
    say("adding demo data to MLflow's store (once; less than a minute)");
    let mut command = Command::new(environment.program("python"));
    command
        // No compiled files beside the sources.
        .args(["-B", "-m", "mlflow_auth_shell.demo", url])
        .env("PYTHONPATH", places::workspace().join("python"))
        .arg(folder.join(DEMO))
        .current_dir(folder);
    quiet(&mut command);
    let log = folder.join("demo.log");
    LoggedProcess::start("adding demo data", &mut command, &log)?.finish()?;

    let wanted = folder.join(DEMO_WANTED);
    fs::remove_file(&wanted).explain(|| format!("cannot remove {}", wanted.display()))
}

/// Notes that the store is made here, if there is none yet: one that was there
/// before, such as a user's own, gets no demo data.
fn note_new_store(folder: &Path) -> Result<()> {
    let wanted = folder.join(DEMO_WANTED);
    if folder.join(DATABASE).exists() {
        return Ok(());
    }
    fs::write(&wanted, "").explain(|| format!("cannot write {}", wanted.display()))
}

fn remove(outcome: io::Result<()>) -> io::Result<()> {
    match outcome {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_store_that_is_made_here_gets_demo_data() {
        let wants = |is_new: bool| {
            let folder = tempfile::tempdir().unwrap();
            if !is_new {
                fs::write(folder.path().join(DATABASE), "data").unwrap();
            }
            note_new_store(folder.path()).unwrap();
            folder.path().join(DEMO_WANTED).exists()
        };
        assert!(wants(true));
        assert!(!wants(false));
    }
}
