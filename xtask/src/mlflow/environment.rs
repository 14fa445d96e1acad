//! A virtual environment with one version of MLflow.

use crate::{
    console::say,
    failure::{Failure, Result},
    mlflow::release::Release,
    python::{self, Environment, Purpose},
};

/// Parts of MLflow that its own wheel contains as well.
const COMPANIONS: &[&str] = &["mlflow-skinny", "mlflow-tracing"];

/// What a release needs besides what it asks for, because it says yes to a
/// later release that it does not run with.
const PINS: &[Pin] = &[
    Pin {
        // Its stores import a class of pools that SQLAlchemy 2.1 no longer has.
        requirement: "sqlalchemy<2.1",
        before: "3.18",
    },
    Pin {
        // Its gunicorn imports a module that later setuptools no longer have,
        // and Python 3.12 and later bring none.
        requirement: "setuptools<81",
        before: "2.8",
    },
];

#[derive(Debug)]
struct Pin {
    requirement: &'static str,
    /// The first release that does without.
    before: &'static str,
}

/// Returns an environment with MLflow `version`, after making it if need be.
pub(crate) fn ensure(version: &str) -> Result<Environment> {
    if python::interpreter().is_none() {
        return Err(Failure::because(
            "Python 3.10 or newer is missing: install it, or use an MLflow that already runs \
             with `--upstream URL`",
        ));
    }
    let purpose = Purpose {
        folder: &folder(version),
        what: &format!("MLflow {version}"),
        takes: "2 min",
        question: "import mlflow.server, mlflow.store.tracking.sqlalchemy_store; \
                   print(mlflow.__version__)",
        versions: version,
    };
    python::ensure(&purpose, |environment| install(environment, version))
}

/// Whether [`ensure`] has made that environment already.
pub(crate) fn is_installed(version: &str) -> Result<bool> {
    python::is_ready(&folder(version))
}

fn folder(version: &str) -> String {
    format!("mlflow-{version}")
}

/// Installs MLflow `version` in an environment.
pub(crate) fn install(environment: &Environment, version: &str) -> Result<()> {
    let release = format!("mlflow=={version}");
    match environment.pip(&[&["install", &release], &*pins(version)].concat()) {
        Err(Failure::Because(_)) => {}
        done => return done,
    }
    // An index may carry a release before it carries that release's companions.
    say("pip cannot resolve that release as it is published: trying its wheel alone");
    match install_wheel(environment, version) {
        Err(Failure::Interrupted) => Err(Failure::Interrupted),
        // Whether the environment is complete is looked at in any case.
        _ => Ok(()),
    }
}

/// Installs the newest release that resolves, for its dependencies, and puts
/// the wanted wheel in its place.
fn install_wheel(environment: &Environment, version: &str) -> Result<()> {
    let older = format!("mlflow<={version}");
    environment.pip(&[&["install", &older], &*pins(version)].concat())?;
    environment.pip(&[
        "uninstall",
        "-y",
        "mlflow",
        "mlflow-skinny",
        "mlflow-tracing",
    ])?;
    environment.pip(&["install", "--no-deps", &format!("mlflow=={version}")])?;
    let unmet = unmet_requirements(&environment.pip_check());
    if unmet.is_empty() {
        return Ok(());
    }
    let mut arguments = vec!["install"];
    arguments.extend(unmet.iter().map(String::as_str));
    environment.pip(&arguments)
}

fn pins(version: &str) -> Vec<&'static str> {
    let release = Release::of(version);
    PINS.iter()
        .filter(|pin| release < Release::of(pin.before))
        .map(|pin| pin.requirement)
        .collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_releases_get_what_they_were_made_with() {
        assert_eq!(pins("2.5.0"), ["sqlalchemy<2.1", "setuptools<81"]);
        assert_eq!(pins("2.12.2"), ["sqlalchemy<2.1"]);
        assert_eq!(pins("3.5.0"), ["sqlalchemy<2.1"]);
        assert!(pins("3.18.0").is_empty());
    }

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
