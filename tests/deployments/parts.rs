//! The parts of the Compose file that are no gateway, each as the program itself.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};
use shell_tests::{child::Program, environment, wait};
use tempfile::TempDir;

use crate::{
    compose::{Compose, source},
    nginx::Nginx,
};

/// `nobody`: `PostgreSQL` refuses to run as root.
const UNPRIVILEGED: u32 = 65534;

/// Programs that end with the test, and what they keep.
#[derive(Debug)]
pub(crate) struct Parts {
    _postgres: Program,
    _database: TempDir,
    _store: Program,
    _cors: Nginx,
    _provider: Program,
}

/// A program that the tests are told of.
///
/// # Errors
/// If they are not.
pub(crate) fn program(variable: &str) -> Result<PathBuf> {
    let found = environment::program(variable, "a deployment");
    found
        .with_context(|| format!("{variable} is not set: run it by `cargo xtask test deployments`"))
}

/// A file for what a part says.
pub(crate) fn log(folder: &Path, name: &str) -> Result<Stdio> {
    let file = folder.join(format!("{name}.log"));
    let file = fs::File::options().create(true).append(true).open(file)?;
    Ok(file.into())
}

impl Parts {
    /// Starts database, store and provider, and makes the bucket.
    ///
    /// # Errors
    /// If one does not become healthy.
    pub(crate) async fn start(compose: &Compose) -> Result<Self> {
        let (postgres, database) = postgres(compose)?;
        let provider = provider(compose)?;
        let (store, cors) = store(compose).await?;
        healthy(compose, "postgres").await?;
        make_database(compose)?;
        make_bucket(compose)?;
        healthy(compose, "provider").await?;
        Ok(Self {
            _postgres: postgres,
            _database: database,
            _store: store,
            _cors: cors,
            _provider: provider,
        })
    }
}

/// Waits until a service is healthy, by the check that the file has for it.
///
/// # Errors
/// If it does not become so.
pub(crate) async fn healthy(compose: &Compose, name: &str) -> Result<()> {
    let words = compose.words(name, "healthcheck");
    wait::until(&format!("{name} to be healthy"), async || {
        let mut check = Command::new(replaced(name, &words[0])?);
        check
            .args(&words[1..])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if name == "postgres" {
            check.env("PGPORT", compose.port("postgres").to_string());
        }
        Ok(check.status()?.success().then_some(()))
    })
    .await
}

/// The program here that a container calls by this name.
fn replaced(service: &str, word: &str) -> Result<PathBuf> {
    match (service, word) {
        ("postgres", _) => Ok(program("SHELL_TEST_POSTGRES")?.join(word)),
        ("provider", "python") => program("SHELL_TEST_COMPOSE_PROVIDER"),
        ("mlflow" | "bucket", "python") => program("SHELL_TEST_PYTHON"),
        ("gateway", "/mlflow-shell") => program("SHELL_TEST_GATEWAY"),
        _ => bail!("nothing stands for `{word}` of {service}"),
    }
}

/// Does what the image does at its first start, with the settings that it reads.
fn postgres(compose: &Compose) -> Result<(Program, TempDir)> {
    let variables = compose.environment("postgres")?;
    let known = ["DB", "INITDB_ARGS", "PASSWORD", "USER"].map(|key| format!("POSTGRES_{key}"));
    ensure!(variables.keys().eq(&known), "{:?}", variables.keys());
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let password = folder.path().join("password");
    fs::write(&password, &variables["POSTGRES_PASSWORD"])?;
    for path in [folder.path(), &password] {
        own(path)?;
    }
    let mut init = unprivileged("initdb")?;
    init.args(variables["POSTGRES_INITDB_ARGS"].split(' '))
        .args(["--username", &variables["POSTGRES_USER"], "--pwfile"])
        .arg(&password)
        .arg("--pgdata")
        .arg(&data)
        .stdout(log(compose.folder.path(), "postgres")?);
    ensure!(init.status()?.success(), "initdb fails");

    let words = compose.words("postgres", "command");
    let mut server = unprivileged(&words[0])?;
    let port = compose.port("postgres");
    server
        .args(&words[1..])
        .args(["-c", &format!("port={port}"), "-c"])
        .arg(format!(
            "unix_socket_directories={}",
            folder.path().display()
        ))
        .arg("-D")
        .arg(&data)
        .stdout(log(compose.folder.path(), "postgres")?)
        .stderr(log(compose.folder.path(), "postgres")?);
    Ok((Program::spawn(&mut server)?, folder))
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn own(path: &Path) -> Result<()> {
    if is_root() {
        chown(path, Some(UNPRIVILEGED), Some(UNPRIVILEGED))?;
    }
    Ok(())
}

/// One of the database's programs, as a user who is not root.
fn unprivileged(name: &str) -> Result<Command> {
    let mut command = Command::new(program("SHELL_TEST_POSTGRES")?.join(name));
    command.current_dir("/");
    if is_root() {
        command.uid(UNPRIVILEGED).gid(UNPRIVILEGED);
    }
    Ok(command)
}

/// The image makes the database of `POSTGRES_DB`.
fn make_database(compose: &Compose) -> Result<()> {
    let variables = compose.environment("postgres")?;
    let status = Command::new(program("SHELL_TEST_POSTGRES")?.join("createdb"))
        .args([
            "--host=127.0.0.1",
            "--username",
            &variables["POSTGRES_USER"],
        ])
        .args(["--port", &compose.port("postgres").to_string()])
        .arg(&variables["POSTGRES_DB"])
        .env("PGPASSWORD", &variables["POSTGRES_PASSWORD"])
        .status()?;
    ensure!(status.success(), "createdb fails");
    Ok(())
}

/// nanio stands for `MinIO`. `MinIO` answers browsers of other origins itself; before
/// nanio nginx does.
async fn store(compose: &Compose) -> Result<(Program, Nginx)> {
    let variables = compose.environment("minio")?;
    let known = [
        "API_CORS_ALLOW_ORIGIN",
        "BROWSER",
        "ROOT_PASSWORD",
        "ROOT_USER",
    ];
    let known = known.map(|key| format!("MINIO_{key}"));
    ensure!(variables.keys().eq(&known), "{:?}", variables.keys());
    let command = compose.words("minio", "command");
    ensure!(
        command == ["server", "/data", "--address", ":9000"],
        "{command:?}"
    );

    let port = shell_tests::server::free_port()?;
    let mut nanio = Command::new(program("SHELL_TEST_STORE")?.with_file_name("nanio"));
    nanio
        .args(["serve", "--host", "127.0.0.1", "--port", &port.to_string()])
        .arg("--data-dir")
        .arg(compose.volume("minio")?)
        .env("NANIO_ACCESS_KEY", &variables["MINIO_ROOT_USER"])
        .env("NANIO_SECRET_KEY", &variables["MINIO_ROOT_PASSWORD"])
        .stdout(log(compose.folder.path(), "store")?)
        .stderr(log(compose.folder.path(), "store")?);
    let store = Program::spawn(&mut nanio)?;
    let origin = &variables["MINIO_API_CORS_ALLOW_ORIGIN"];
    let cors = Nginx::allowing(origin, compose.port("store"), port).await?;
    Ok((store, cors))
}

fn provider(compose: &Compose) -> Result<Program> {
    let python = program("SHELL_TEST_COMPOSE_PROVIDER")?;
    let mut command = Command::new(&python);
    command
        .arg(source().join("provider/start.py"))
        .envs(compose.environment("provider")?)
        .env("DATA", compose.volume("provider")?)
        .env("PATH", search_path(&python)?)
        .stdout(log(compose.folder.path(), "provider")?)
        .stderr(log(compose.folder.path(), "provider")?);
    Program::spawn(&mut command)
}

/// With the environment's own programs first.
fn search_path(python: &Path) -> Result<std::ffi::OsString> {
    let own = python.parent().context("a folder")?.to_owned();
    let all = std::env::var_os("PATH").unwrap_or_default();
    let all = std::iter::once(own).chain(std::env::split_paths(&all));
    Ok(std::env::join_paths(all)?)
}

/// MLflow's environment as the file has it, with what its image adds to MLflow.
///
/// # Errors
/// If a file with secrets cannot be read.
pub(crate) fn mlflow_environment(compose: &Compose) -> Result<BTreeMap<String, String>> {
    let mut variables = compose.environment("mlflow")?;
    let packages = program("SHELL_TEST_MLFLOW_PACKAGES")?;
    variables.insert("PYTHONPATH".to_owned(), packages.display().to_string());
    Ok(variables)
}

/// Runs the one-shot container's command twice: it may find the bucket there.
fn make_bucket(compose: &Compose) -> Result<()> {
    let words = compose.words("bucket", "command");
    ensure!(words == ["python", "/make-bucket.py"], "{words:?}");
    for said in ["made the bucket", "is there"] {
        let output = Command::new(replaced("bucket", &words[0])?)
            .arg(source().join("make-bucket.py"))
            .envs(mlflow_environment(compose)?)
            .output()?;
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        let trouble = String::from_utf8_lossy(&output.stderr);
        ensure!(shown.contains(said), "{shown}{trouble}");
    }
    Ok(())
}
