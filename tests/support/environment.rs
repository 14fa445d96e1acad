//! What the tests are told by `cargo xtask`.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// Returns the root of the workspace.
///
/// # Panics
/// Never: this crate is a member of it.
pub fn workspace() -> &'static Path {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("the tests are inside the workspace")
}

/// Returns the folder of the built site.
///
/// # Panics
/// If the site is not built.
pub fn site() -> PathBuf {
    let site = env::var_os("SHELL_TEST_SITE").map(PathBuf::from);
    let site = site.unwrap_or_else(|| workspace().join("dist"));
    assert!(
        site.join("index.html").is_file(),
        "no site in {}: build it with `cargo xtask site`",
        site.display()
    );
    site
}

/// Returns the address of the real MLflow.
///
/// # Panics
/// If there is none.
pub fn mlflow() -> String {
    let url = required("SHELL_TEST_MLFLOW");
    url.into_string().expect("an address is text")
}

/// Returns the version of the real MLflow, and the folder of the UI that was
/// released with it.
///
/// # Panics
/// If there is none.
pub fn ui() -> (String, PathBuf) {
    let ui = required("SHELL_TEST_UI");
    let ui = ui.into_string().expect("a version and a folder are text");
    let (version, folder) = ui.split_once(' ').expect("a version and a folder");
    (version.to_owned(), folder.into())
}

/// A real MLflow with a store of its own.
#[derive(Debug, Clone)]
pub struct Tracking {
    /// Its version.
    pub version: String,
    /// Its address.
    pub url: String,
    /// Where its database and artifacts are.
    pub folder: PathBuf,
}

/// Returns the MLflow servers of several versions, which hold nothing that is
/// to be kept.
///
/// # Panics
/// If there are none.
pub fn tracking_servers() -> Vec<Tracking> {
    let all = required("SHELL_TEST_TRACKING");
    let all = all.into_string().expect("a list is text");
    all.lines().map(Tracking::read).collect()
}

/// Returns an MLflow server with workspaces.
///
/// # Panics
/// If there is none.
pub fn workspaces() -> Tracking {
    let server = required("SHELL_TEST_WORKSPACES");
    Tracking::read(server.to_str().expect("a line is text"))
}

impl Tracking {
    fn read(line: &str) -> Self {
        let mut parts = line.splitn(3, ' ').map(str::to_owned);
        let mut part = || parts.next().expect("version, address and folder");
        Self {
            version: part(),
            url: part(),
            folder: part().into(),
        }
    }
}

/// Returns a Python with the client of MLflow `version`.
///
/// # Panics
/// If there is none.
pub fn client(version: &str) -> PathBuf {
    let all = required("SHELL_TEST_CLIENTS");
    let all = all.into_string().expect("a list is text");
    let mut lines = all.lines().filter_map(|line| line.split_once(' '));
    let found = lines.find(|(name, _)| *name == version);
    let (_, python) = found.unwrap_or_else(|| panic!("no client of MLflow {version}"));
    python.into()
}

/// Returns a Python with the third-party clients.
///
/// # Panics
/// If there is none.
pub fn clients() -> PathBuf {
    required("SHELL_TEST_CLIENTS_PYTHON").into()
}

/// Returns the folder of the npm packages that third-party clients are tried with.
///
/// # Panics
/// If there is none.
pub fn clients_packages() -> PathBuf {
    required("SHELL_TEST_CLIENTS_PACKAGES").into()
}

/// What the demo data is called.
#[derive(Debug, Clone)]
pub struct Demo {
    /// The experiment with the showcase run.
    pub experiment: String,
    /// The run with one artifact of every kind.
    pub run: String,
    /// The registered model with three versions.
    pub model: String,
}

/// Reads the names of the demo data.
///
/// # Panics
/// If the real MLflow has none.
pub fn demo() -> Demo {
    Demo::read(Path::new(&required("SHELL_TEST_DEMO")))
}

impl Demo {
    /// Reads the names of the demo data from `file`.
    fn read(file: &Path) -> Self {
        let text = fs::read_to_string(file).expect("the names of the demo data can be read");
        let names: Value = serde_json::from_str(&text).expect("they are JSON");
        let name = |key: &str| names[key].as_str().expect("a name").to_owned();
        Self {
            experiment: name("experiment_id"),
            run: name("run_id"),
            model: name("model"),
        }
    }
}

impl Tracking {
    /// Reads the names of its demo data.
    ///
    /// # Panics
    /// If it has none.
    pub fn demo(&self) -> Demo {
        Demo::read(&self.folder.join("demo.json"))
    }
}

/// Returns the folder of the independent identity provider, if there is one.
///
/// # Panics
/// Under continuous integration, where it must be tested.
pub fn peer() -> Option<PathBuf> {
    optional("SHELL_TEST_PEER", "the independent provider").map(PathBuf::from)
}

/// Returns what looks for barriers in a page, if it is there.
///
/// # Panics
/// Under continuous integration, where it must look.
pub fn axe() -> Option<PathBuf> {
    optional("SHELL_TEST_AXE", "barriers in the shell's pages").map(PathBuf::from)
}

/// Returns our Lambda function.
///
/// # Panics
/// If it is not built.
pub fn authorizer() -> PathBuf {
    PathBuf::from(required("SHELL_TEST_AUTHORIZER"))
}

/// An authorizer in Python that does what the AWS sample's does.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The folder of its module.
    pub folder: PathBuf,
    /// The Python that has what it imports.
    pub python: PathBuf,
}

/// Returns the authorizer to compare with, if it is there.
///
/// # Panics
/// Under continuous integration, where it must be compared with.
pub fn sample() -> Option<Sample> {
    let name = "the authorizer to compare with";
    let folder = program("SHELL_TEST_SAMPLE", name)?;
    let python = program("SHELL_TEST_SAMPLE_PYTHON", name)?;
    Some(Sample { folder, python })
}

/// A site that has MLflow's UI.
#[derive(Debug, Clone)]
pub struct Hosted {
    /// Its folder.
    pub site: PathBuf,
    /// Of which release the UI is.
    pub version: String,
}

/// Returns the site that has MLflow's UI, if there is one.
///
/// # Panics
/// Under continuous integration, where it must be tested, and if the site does
/// not say which UI it has.
pub fn hosted() -> Option<Hosted> {
    let site = program("SHELL_TEST_HOSTED", "a UI that the site has")?;
    let note = fs::read_to_string(site.join("mlflow/ui.json")).expect("it has a UI");
    let note: Value = serde_json::from_str(&note).expect("the note is JSON");
    let version = note["version"].as_str().expect("a version").to_owned();
    Some(Hosted { site, version })
}

/// Returns whether every scenario is to run in every engine.
pub fn all_engines() -> bool {
    env::var_os("SHELL_TEST_ALL_ENGINES").is_some()
}

/// Returns the folder for pictures of the shell, if they are wanted.
pub fn shots() -> Option<PathBuf> {
    env::var_os("SHELL_TEST_SHOTS").map(PathBuf::from)
}

/// Returns a program, if it is there.
///
/// # Panics
/// Under continuous integration, where it must be tested.
pub fn program(variable: &str, name: &str) -> Option<PathBuf> {
    optional(variable, name).map(PathBuf::from)
}

/// Returns the program that starts `JupyterLab`, if it is there.
///
/// # Panics
/// Under continuous integration, where it must be tested.
pub fn jupyter() -> Option<PathBuf> {
    program("SHELL_TEST_JUPYTER", "JupyterLab")
}

/// Returns a Python with MLflow's client, if there is one.
///
/// # Panics
/// Under continuous integration, where it must be tested.
pub fn python() -> Option<PathBuf> {
    optional("SHELL_TEST_PYTHON", "MLflow's client").map(PathBuf::from)
}

/// Keeps a developer's settings for another MLflow, and telemetry, out of a program
/// that has MLflow's client.
pub fn isolate(command: &mut Command) {
    command
        .env("MLFLOW_HTTP_REQUEST_TIMEOUT", "60")
        .env("MLFLOW_DISABLE_TELEMETRY", "true")
        .env("DO_NOT_TRACK", "true")
        .env("GIT_PYTHON_REFRESH", "quiet")
        .env_remove("MLFLOW_REGISTRY_URI")
        .env_remove("MLFLOW_EXPERIMENT_NAME")
        .env_remove("MLFLOW_EXPERIMENT_ID")
        .env_remove("MLFLOW_RUN_ID");
}

/// Returns every Python of this machine that is recent enough.
pub fn pythons() -> Vec<PathBuf> {
    let found = std::env::var_os("SHELL_TEST_PYTHONS").unwrap_or_default();
    std::env::split_paths(&found).collect()
}

/// Returns a Python with an emulator of Cognito and the AWS client, if there is
/// one.
///
/// # Panics
/// Under continuous integration, where it must be tested.
pub fn moto() -> Option<PathBuf> {
    optional("SHELL_TEST_MOTO", "the script that makes users").map(PathBuf::from)
}

/// Returns the folder for what a failed test leaves behind.
pub fn failures() -> PathBuf {
    workspace().join("target/test-failures")
}

#[expect(clippy::print_stderr, reason = "a gap must be seen")]
fn optional(variable: &str, name: &str) -> Option<OsString> {
    let value = env::var_os(variable);
    if value.is_none() {
        assert!(!in_ci(), "{name} is missing: {variable} is not set");
        eprintln!("not tested: {name}, because {variable} is not set");
    }
    value
}

fn required(variable: &str) -> OsString {
    env::var_os(variable)
        .unwrap_or_else(|| panic!("{variable} is not set: run it by `cargo xtask`"))
}

fn in_ci() -> bool {
    env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false")
}

/// A Python with Prometheus's own reader of metrics.
pub fn prometheus() -> Option<PathBuf> {
    optional("SHELL_TEST_PROMETHEUS", "that Prometheus reads the metrics").map(PathBuf::from)
}
