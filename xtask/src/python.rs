//! A virtual environment with one version of MLflow.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    console::say,
    failure::{Explain, Failure, Result},
    places, process, programs,
};

/// Its presence says that the environment was once complete and imported.
const READY: &str = "ready";
/// Parts of MLflow that its own wheel contains as well.
const COMPANIONS: &[&str] = &["mlflow-skinny", "mlflow-tracing"];

/// A virtual environment.
#[derive(Debug)]
pub(crate) struct Environment {
    folder: PathBuf,
}

impl Environment {
    /// Returns the path of one of its programs.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder.join("bin").join(name)
    }
}

/// Returns an environment with MLflow `version`, after making it if need be.
pub(crate) fn ensure(version: &str) -> Result<Environment> {
    let folder = places::cache()?.join(format!("mlflow-{version}"));
    let environment = Environment { folder };
    if environment.folder.join(READY).is_file() {
        return Ok(environment);
    }
    if imported_version(&environment).as_deref() != Some(version) {
        create(&environment)?;
        say(format!(
            "installing MLflow {version} with pip (once; about 2 min)"
        ));
        install(&environment, version)?;
    }
    let marker = environment.folder.join(READY);
    fs::write(&marker, version).explain(|| format!("cannot write {}", marker.display()))?;
    Ok(environment)
}

fn create(environment: &Environment) -> Result<()> {
    if environment.program("pip").is_file() {
        return Ok(());
    }
    let mut command = Command::new(interpreter()?);
    command
        .args(["-m", "venv", "--clear"])
        .arg(&environment.folder);
    process::run("`python3 -m venv`", &mut command).map_err(|failure| {
        cure(
            failure,
            "Python could not make a virtual environment (its words are above): \
             on Debian and Ubuntu, install the package python3-venv",
        )
    })
}

/// Returns a Python that MLflow runs on.
fn interpreter() -> Result<PathBuf> {
    let names = [
        "python3",
        "python3.13",
        "python3.12",
        "python3.11",
        "python3.10",
    ];
    let mut found = names.iter().filter_map(|name| programs::find(&[name]));
    found.find(|python| is_recent(python)).ok_or_else(|| {
        Failure::because(
            "Python 3.10 or newer is missing: install it, or use an MLflow that already runs \
             with `--upstream URL`",
        )
    })
}

fn is_recent(python: &Path) -> bool {
    let question = "import sys; print(sys.version_info >= (3, 10))";
    process::answer(Command::new(python).args(["-c", question]))
        .is_some_and(|answer| answer.trim() == "True")
}

fn install(environment: &Environment, version: &str) -> Result<()> {
    match pip(environment, &["install", &format!("mlflow=={version}")]) {
        Err(Failure::Because(_)) => {}
        done => return done,
    }
    // An index may carry a release before it carries that release's companions.
    say("pip cannot resolve that release as it is published: trying its wheel alone");
    let outcome = install_wheel(environment, version);
    let complete = imported_version(environment).as_deref() == Some(version);
    match outcome {
        Ok(()) if complete => Ok(()),
        Err(Failure::Interrupted) => Err(Failure::Interrupted),
        _ => Err(Failure::because(format!(
            "MLflow {version} could not be installed (pip's words are above): check the network \
             and the version, then run the command again"
        ))),
    }
}

/// Installs the newest release that resolves, for its dependencies, and puts
/// the wanted wheel in its place.
fn install_wheel(environment: &Environment, version: &str) -> Result<()> {
    pip(environment, &["install", &format!("mlflow<={version}")])?;
    pip(
        environment,
        &[
            "uninstall",
            "-y",
            "mlflow",
            "mlflow-skinny",
            "mlflow-tracing",
        ],
    )?;
    pip(
        environment,
        &["install", "--no-deps", &format!("mlflow=={version}")],
    )?;
    let unmet = unmet_requirements(&pip_check(environment));
    if unmet.is_empty() {
        return Ok(());
    }
    let mut arguments = vec!["install"];
    arguments.extend(unmet.iter().map(String::as_str));
    pip(environment, &arguments)
}

fn pip(environment: &Environment, arguments: &[&str]) -> Result<()> {
    let mut command = Command::new(environment.program("python"));
    command
        .args(["-m", "pip", "--disable-pip-version-check"])
        .args(arguments);
    process::run(&format!("`pip {}`", arguments[0]), &mut command)
}

/// Returns the report of `pip check`, whose exit status only repeats it.
fn pip_check(environment: &Environment) -> String {
    let mut command = Command::new(environment.program("python"));
    let output = command.args(["-m", "pip", "check"]).output();
    output.map_or_else(
        |_| String::new(),
        |output| String::from_utf8_lossy(&output.stdout).into_owned(),
    )
}

/// Reads what is missing out of the report of `pip check`.
fn unmet_requirements(report: &str) -> Vec<String> {
    let requirement = |line: &str| {
        if let Some(rest) = line.strip_suffix(", which is not installed.") {
            return rest
                .split_once(" requires ")
                .map(|(_, name)| name.to_owned());
        }
        let (_, rest) = line.split_once(" has requirement ")?;
        rest.split_once(", but you have ")
            .map(|(requirement, _)| requirement.to_owned())
    };
    report
        .lines()
        .filter_map(requirement)
        .filter(|requirement| {
            !COMPANIONS
                .iter()
                .any(|companion| requirement.starts_with(companion))
        })
        .collect()
}

fn imported_version(environment: &Environment) -> Option<String> {
    let question = "import mlflow.server; print(mlflow.__version__)";
    let python = environment.program("python");
    process::answer(Command::new(python).args(["-c", question]))
        .map(|answer| answer.trim().to_owned())
}

fn cure(failure: Failure, sentence: &str) -> Failure {
    match failure {
        Failure::Interrupted => failure,
        Failure::Because(_) => Failure::because(sentence),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unmet_requirements_are_read_from_pips_report() {
        let cases: &[(&str, &[&str])] = &[
            ("No broken requirements found.\n", &[]),
            (
                "mlflow 3.18.0 requires huey, which is not installed.\n",
                &["huey"],
            ),
            (
                "mlflow 3.18.0 requires mlflow-skinny, which is not installed.\n\
                 mlflow 3.18.0 has requirement Flask<4,>=3, but you have flask 2.0.\n",
                &["Flask<4,>=3"],
            ),
        ];
        for (report, expected) in cases {
            assert_eq!(unmet_requirements(report), *expected, "{report}");
        }
    }
}
