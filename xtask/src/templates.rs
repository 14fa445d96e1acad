//! What looks for mistakes in the templates under `deploy`.

use std::{fs, path::PathBuf, process::Command};

use crate::{
    failure::{Explain, Result},
    places, process,
    python::{self, Environment, Purpose},
};

const CFN_LINT: &str = "1.58.0";

const CHECKOV: &str = "3.3.30";

const TEMPLATES: &str = "deploy/templates";

/// What checkov searches. A file there says what it does not look for, each with its
/// reason.
const SEARCHED: [&str; 2] = [TEMPLATES, "deploy/terraform"];
const CHOICE: &str = ".checkov.yaml";

/// Looks for mistakes: what AWS would refuse, and what would not be safe.
/// Returns whether the tools are there.
pub(crate) fn check() -> Result<bool> {
    let Some(environment) = ensure()? else {
        return Ok(false);
    };
    let mut lint = Command::new(environment.program("cfn-lint"));
    lint.args(files()?).current_dir(places::workspace());
    process::run("`cfn-lint`", &mut lint)?;

    for folder in SEARCHED {
        search(&environment, folder)?;
    }
    Ok(true)
}

fn search(environment: &Environment, folder: &str) -> Result<()> {
    let choice = format!("{folder}/{CHOICE}");
    let mut checkov = Command::new(environment.program("checkov"));
    checkov
        .args(["--config-file", &choice, "--directory", folder])
        // It would ask its maker for rules and news.
        .env("CHECKOV_RUN_SCA_PACKAGE_SCAN_V2", "false")
        .env("LOG_LEVEL", "CRITICAL")
        .current_dir(places::workspace());
    process::run("`checkov`", &mut checkov)
}

fn files() -> Result<Vec<PathBuf>> {
    let folder = places::workspace().join(TEMPLATES);
    let entries = fs::read_dir(&folder).explain(|| format!("cannot read {}", folder.display()))?;
    let paths = entries.flatten().map(|entry| entry.path());
    let is_template = |path: &PathBuf| {
        let hidden = path.file_stem().and_then(|stem| stem.to_str());
        !hidden.is_some_and(|stem| stem.starts_with('.'))
    };
    let mut files: Vec<_> = paths.filter(is_template).collect();
    files.sort();
    Ok(files)
}

/// Returns checkov, after installing it if need be.
pub(crate) fn checkov() -> Result<Option<PathBuf>> {
    Ok(ensure()?.map(|environment| environment.program("checkov")))
}

fn ensure() -> Result<Option<Environment>> {
    let purpose = Purpose {
        folder: &format!("cfn-lint-{CFN_LINT}-checkov-{CHECKOV}"),
        what: "cfn-lint and checkov",
        takes: "a minute",
        question: "from importlib.metadata import version; \
                   print(version('cfn-lint'), version('checkov'))",
        versions: &format!("{CFN_LINT} {CHECKOV}"),
    };
    let packages = [
        format!("cfn-lint=={CFN_LINT}"),
        format!("checkov=={CHECKOV}"),
    ];
    python::ensure_if_possible(&purpose, |environment| {
        environment.pip(&["install", &packages[0], &packages[1]])
    })
}
