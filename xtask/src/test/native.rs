//! The test programs of this machine: built once, with the same features for all,
//! and run without cargo, whose lock another step may hold.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

use super::{Run, sequence::Output, steps::BROWSER_CRATES};
use crate::{
    cargo,
    failure::{Explain, Failure, Result},
    places,
};

/// Names the site that becomes part of the gateway.
const EMBEDDED_SITE: &str = "MLFLOW_SHELL_SITE";

/// Our own programs, which some tests start.
const PRODUCTS: [&str; 2] = ["mlflow-shell", "shell-authorizer"];

/// A few files will do.
const SMALL_SITE: &str = "crates/gateway/tests/site";

/// A test program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Program {
    /// What cargo calls the target.
    name: String,
    /// Whether it has the tests inside a library.
    is_library: bool,
    /// The folder of its package.
    folder: PathBuf,
    file: PathBuf,
}

/// Which test programs are wanted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wanted<'a> {
    /// All there are.
    All,
    /// Those of every package but `tests`.
    Unit,
    /// These of the package `tests`.
    System(&'a [&'a str]),
    /// The same, and the tests inside its library.
    SystemAndLibrary(&'a [&'a str]),
}

/// Returns cargo's `command` for all crates of this machine with all features.
pub(super) fn cargo(command: &str, arguments: &[&str]) -> Result<(String, Command)> {
    let mut all = vec![command, "--workspace", "--all-features"];
    all.extend(BROWSER_CRATES.iter().flat_map(|name| ["--exclude", name]));
    all.extend(arguments);
    let mut call = cargo::command()?;
    call.args(&all);
    call.env(EMBEDDED_SITE, places::workspace().join(SMALL_SITE));
    Ok((cargo::spelled(&all), call))
}

/// Builds the programs that are `wanted`, and our own beside them.
///
/// Not `cargo test`, which builds no program of ours that has no tests beside it;
/// and one call for all, because without tests cargo takes other features.
pub(super) fn build(wanted: Wanted<'_>) -> Result<Vec<Program>> {
    let mut programs = Vec::new();
    for (command, targets) in wanted.calls() {
        let mut arguments: Vec<_> = targets.iter().map(String::as_str).collect();
        arguments.push("--message-format=json-render-diagnostics");
        let (name, mut command) = cargo(command, &arguments)?;
        let output = command.stderr(Stdio::inherit()).output();
        let output = output.explain(|| format!("{name} cannot be started"))?;
        if !output.status.success() {
            return Err(Failure::because(format!("{name} failed")));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        programs.extend(text.lines().filter_map(Program::read));
    }
    programs.retain(|program| wanted.has(program));
    Ok(programs)
}

/// Our own program of this name.
pub(super) fn product(name: &str) -> Result<PathBuf> {
    Ok(places::target()?.join("debug").join(name))
}

/// Runs the tests that are wanted, as far as the filter names them.
pub(super) fn test(
    run: &Run,
    output: &Output,
    wanted: Wanted<'_>,
    filter: &[String],
    variables: &[(&str, OsString)],
) -> Result<()> {
    let programs = match run.programs.get() {
        Some(all) => all.iter().filter(|one| wanted.has(one)).cloned().collect(),
        None => build(wanted)?,
    };
    if programs.is_empty() {
        return Err(Failure::because("cargo has built no test program"));
    }
    for program in programs {
        let name = format!("the tests `{}`", program.name);
        let mut command = cargo::through(program.file, &[])?;
        command
            .args(filter)
            .envs(variables.iter().cloned())
            .env("CARGO_MANIFEST_DIR", &program.folder)
            .current_dir(&program.folder);
        output.run(&name, &mut command)?;
    }
    Ok(())
}

impl Program {
    /// Reads a line in which cargo says what it has made.
    fn read(line: &str) -> Option<Self> {
        let told: Value = serde_json::from_str(line).ok()?;
        let target = &told["target"];
        (told["profile"]["test"] == true).then_some(())?;
        Some(Self {
            name: target["name"].as_str()?.to_owned(),
            is_library: target["kind"][0] == "lib",
            folder: Path::new(told["manifest_path"].as_str()?).parent()?.into(),
            file: told["executable"].as_str()?.into(),
        })
    }

    fn is_of_system(&self) -> bool {
        self.folder.ends_with("tests")
    }
}

impl Wanted<'_> {
    fn has(self, program: &Program) -> bool {
        let is_of_system = program.is_of_system();
        match self {
            Self::All => true,
            Self::Unit => !is_of_system,
            Self::System(names) => is_of_system && names.contains(&&*program.name),
            Self::SystemAndLibrary(names) => {
                is_of_system && (program.is_library || names.contains(&&*program.name))
            }
        }
    }

    /// What cargo is to do.
    fn calls(self) -> Vec<(&'static str, Vec<String>)> {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        match self {
            Self::All | Self::Unit => {
                vec![("build", owned(&["--lib", "--bins", "--tests"]))]
            }
            Self::System(names) => {
                let tests = names.iter().map(|name| format!("--test={name}"));
                let products = PRODUCTS.map(|name| format!("--bin={name}"));
                vec![("build", tests.chain(products).collect())]
            }
            Self::SystemAndLibrary(names) => {
                let library = ("test", owned(&["--no-run", "--lib"]));
                [Self::System(names).calls(), vec![library]].concat()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn test_programs_are_read_from_what_cargo_says() {
        let artifact = |is_test: bool, kind: &str| {
            json!({
                "reason": "compiler-artifact",
                "manifest_path": "/w/tests/Cargo.toml",
                "target": { "kind": [kind], "name": "browser" },
                "profile": { "test": is_test },
                "executable": "/t/browser-1",
            })
            .to_string()
        };
        let program = Program::read(&artifact(true, "test")).unwrap();
        assert_eq!(program.file, Path::new("/t/browser-1"));
        assert!(Wanted::System(&["browser"]).has(&program));
        assert!(!Wanted::System(&["service"]).has(&program));
        assert!(!Wanted::Unit.has(&program));
        let library = Program::read(&artifact(true, "lib")).unwrap();
        assert!(Wanted::SystemAndLibrary(&[]).has(&library));
        assert_eq!(Program::read(&artifact(false, "lib")), None);
        assert_eq!(Program::read(r#"{"reason":"build-finished"}"#), None);
    }
}
