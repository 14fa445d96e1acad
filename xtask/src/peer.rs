//! Programs of others beside ours: the identity provider that the browser tests
//! sign in with, what looks for barriers in our pages, and the service worker
//! the authorizer and the proxies that ours are measured beside.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use sha2::{Digest, Sha256};

use crate::{
    console::say,
    failure::{Explain, Failure, Result},
    places, process, programs,
    python::{self, Purpose},
};

/// The authorizer to compare with.
#[derive(Debug)]
pub(crate) struct Sample {
    /// The folder of its module.
    pub(crate) folder: PathBuf,
    /// The Python that has what it imports.
    pub(crate) python: PathBuf,
}

/// Returns the independent provider's folder with its packages installed, or
/// nothing where there is no Node.js.
pub(crate) fn ensure() -> Result<Option<PathBuf>> {
    if programs::find(&["node"]).is_none() {
        return Ok(None);
    }
    install("oidc-provider", "the independent identity provider")
}

/// Returns the folder of `@axa-fr/oidc-client` with its packages installed, or
/// nothing where there is no npm.
pub(crate) fn ensure_axa() -> Result<Option<PathBuf>> {
    install("axa", "the service worker to compare with")
}

/// Returns the folder of the npm packages that clients of MLflow are tried with, or
/// nothing where there is no Node.js.
pub(crate) fn ensure_clients() -> Result<Option<PathBuf>> {
    if programs::find(&["node"]).is_none() {
        return Ok(None);
    }
    let folder = install(
        "clients",
        "the stand-in for models, and a client of Node.js",
    )?;
    Ok(folder.map(|folder| folder.join("node_modules")))
}

/// Returns axe-core as one script, which finds what keeps people from using a
/// page, or nothing where there is no npm.
pub(crate) fn ensure_axe() -> Result<Option<PathBuf>> {
    let folder = install("axe", "what looks for barriers")?;
    Ok(folder.map(|folder| folder.join("node_modules/axe-core/axe.min.js")))
}

/// Returns the folder of the schemas of Kubernetes's extensions, or nothing where there
/// is no Node.js.
pub(crate) fn ensure_extensions() -> Result<Option<PathBuf>> {
    if programs::find(&["node"]).is_none() {
        return Ok(None);
    }
    install("kubernetes-models", "schemas of Kubernetes's extensions")
}

/// Returns an authorizer that does what the AWS sample's does, with what it
/// imports installed, or nothing where there is no Python or no package index.
pub(crate) fn ensure_sample() -> Result<Option<Sample>> {
    if python::interpreter().is_none() {
        return Ok(None);
    }
    let folder = folder("sample-authorizer");
    let python = or_say(python_for_sample(&folder))?;
    Ok(python.map(|python| Sample { folder, python }))
}

fn python_for_sample(folder: &Path) -> Result<PathBuf> {
    let what = "the libraries of the authorizer to compare with";
    python_for(folder, what, "awslambdaric, jose.jwk")
}

/// Returns a Python with what the `requirements.txt` of `folder` pins, among it
/// these modules.
pub(crate) fn python_for(folder: &Path, what: &str, modules: &str) -> Result<PathBuf> {
    let file = folder.join("requirements.txt");
    let unreadable = || format!("cannot read {}", file.display());
    let pins = fs::read_to_string(&file).explain(unreadable)?;
    let pins: Vec<_> = pins.split_whitespace().collect();
    let digest = format!("{:x}", Sha256::digest(pins.join(" ")));
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let purpose = Purpose {
        folder: &format!("{name}-{}", &digest[..8]),
        what,
        takes: "a minute",
        question: &question(modules, &pins),
        versions: &pins.join(" "),
    };
    let file = file.to_string_lossy();
    let environment = python::ensure(&purpose, |environment| {
        environment.pip(&["install", "--only-binary=:all:", "--requirement", &file])
    })?;
    Ok(environment.program("python"))
}

/// Returns a line of Python that prints what is installed of `pins`.
fn question(modules: &str, pins: &[&str]) -> String {
    let names = pins.iter().filter_map(|pin| pin.split("==").next());
    let names: Vec<_> = names.collect();
    format!(
        "import {modules}; from importlib.metadata import version; \
         print(*(f'{{name}}=={{version(name)}}' for name in {names:?}))"
    )
}

/// Returns nginx, after installing it where that is possible.
pub(crate) fn ensure_nginx() -> Result<Option<PathBuf>> {
    // Not everybody's search path has the folder that Debian puts it into.
    let find = || {
        let beside = Some(PathBuf::from("/usr/sbin/nginx"));
        programs::find(&["nginx"]).or(beside.filter(|program| program.is_file()))
    };
    if find().is_none() {
        programs::install_debian_packages(&["nginx-light"])?;
    }
    Ok(find())
}

/// Returns a Python with what the signing proxy imports, or nothing where there
/// is no Python or no package index.
pub(crate) fn ensure_flask() -> Result<Option<PathBuf>> {
    let what = "the libraries of the proxy to compare with";
    let modules = "botocore.auth, flask, gunicorn, requests";
    if python::interpreter().is_none() {
        return Ok(None);
    }
    or_say(python_for(&folder("flask-proxy"), what, modules))
}

/// Says why something cannot be had, and goes on without.
pub(crate) fn or_say<T>(outcome: Result<T>) -> Result<Option<T>> {
    match outcome {
        Ok(found) => Ok(Some(found)),
        Err(Failure::Interrupted) => Err(Failure::Interrupted),
        Err(Failure::Because(sentence)) => {
            say(sentence);
            Ok(None)
        }
    }
}

fn install(name: &str, what: &str) -> Result<Option<PathBuf>> {
    let folder = folder(name);
    let Some(npm) = programs::find(&["npm"]) else {
        return Ok(None);
    };
    if !is_installed(&folder) {
        let mut command = Command::new(npm);
        command
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            .arg("--loglevel=error")
            .current_dir(&folder);
        process::run(&format!("`npm ci` for {what}"), &mut command)?;
    }
    Ok(Some(folder))
}

fn folder(name: &str) -> PathBuf {
    places::workspace().join("tests/peers").join(name)
}

/// Returns whether npm's own record is younger than the lock file.
fn is_installed(folder: &Path) -> bool {
    let changed = |file: &str| {
        let metadata = fs::metadata(folder.join(file)).ok()?;
        metadata.modified().ok()
    };
    changed("node_modules/.package-lock.json") >= changed("package-lock.json")
}
