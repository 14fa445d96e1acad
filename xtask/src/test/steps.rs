//! What each part of the tests runs.

use std::{
    ffi::OsString,
    path::PathBuf,
    process::{Command, Stdio},
};

use super::{Step, Untested};
use crate::{
    browsers, cargo,
    console::say,
    failure::{Failure, Result},
    jupyter,
    mlflow::{self, DEFAULT_VERSION, DEMO},
    peer, places, process, site,
    tools::{self, CARGO_DENY},
};

/// Begins the sentence about advisories, which an offline machine cannot check.
pub(super) const ADVISORIES: &str = "advisories";

/// How long each scenario of the endurance test goes on.
const MINUTES: &str = "10";

const WASM_TARGET: &str = "--target=wasm32-unknown-unknown";
/// The crates that only a browser can run.
const BROWSER_CRATES: &[&str] = &["shell-app", "shell-worker", "shell-web"];
/// Runs the tests of a crate built for the browser.
const RUNNER: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER";

pub(super) fn run(step: Step, filter: &[String]) -> Result<Untested> {
    match step {
        Step::Format => cargo::run(&["fmt", "--all", "--check"]).map(|()| Vec::new()),
        Step::Clippy => clippy().map(|()| Vec::new()),
        Step::Deny => deny(),
        Step::Unit => unit(filter).map(|()| Vec::new()),
        Step::Wasm => wasm(filter),
        Step::Service => service(filter),
        Step::Browser => browser(filter, &[]),
        Step::Endurance => endurance(),
    }
}

fn clippy() -> Result<()> {
    let deny_warnings = ["--", "-D", "warnings"];
    let mut native = vec!["clippy", "--workspace", "--all-targets", "--all-features"];
    native.extend(BROWSER_CRATES.iter().flat_map(|name| ["--exclude", name]));
    native.extend(deny_warnings);
    cargo::run(&native)?;

    tools::ensure_wasm_target()?;
    let mut wasm = vec!["clippy", WASM_TARGET, "--all-targets"];
    wasm.extend(BROWSER_CRATES.iter().flat_map(|name| ["--package", name]));
    wasm.extend(deny_warnings);
    cargo::run(&wasm)
}

fn deny() -> Result<Untested> {
    let deny = tools::ensure(&CARGO_DENY)?;
    let command = || {
        let mut command = Command::new(&deny);
        command.current_dir(places::workspace());
        command
    };
    let always = [
        "check",
        "--hide-inclusion-graph",
        "licenses",
        "bans",
        "sources",
    ];
    process::run("`cargo deny check`", command().args(always))?;

    say("fetching the database of advisories");
    let mut fetch = command();
    fetch.args(["fetch", "db"]).stderr(Stdio::null());
    if process::answer(&mut fetch).is_none() {
        let gap = format!("{ADVISORIES}, because their database cannot be reached");
        return Ok(vec![gap]);
    }
    let check = ["--offline", "check", "advisories"];
    process::run("`cargo deny check advisories`", command().args(check))?;
    Ok(Vec::new())
}

fn unit(filter: &[String]) -> Result<()> {
    let mut arguments = vec!["test", "--workspace", "--all-features"];
    arguments.extend(BROWSER_CRATES.iter().flat_map(|name| ["--exclude", name]));
    arguments.extend(["--exclude", "shell-tests"]);
    cargo::run(&with_filter(arguments, filter))
}

fn wasm(filter: &[String]) -> Result<Untested> {
    tools::ensure_wasm_target()?;
    let runner = tools::ensure(&tools::WASM_BINDGEN)?.with_file_name("wasm-bindgen-test-runner");
    let mut command = cargo::command()?;
    command.env(RUNNER, runner);
    if let Some(chromium) = browsers::chromium()? {
        command.env("CHROMEDRIVER", chromium.driver);
    } else if let Some(firefox) = browsers::firefox()? {
        command.env("GECKODRIVER", firefox.driver);
    } else {
        let gap = "the browser adapters, because neither Chromium nor Firefox is installed";
        return Ok(vec![gap.to_owned()]);
    }
    let arguments = with_filter(vec!["test", WASM_TARGET, "--package=shell-web"], filter);
    process::run(&cargo::spelled(&arguments), command.args(&arguments))?;
    Ok(Vec::new())
}

fn service(filter: &[String]) -> Result<Untested> {
    let mut found = Found::default();
    found.take(
        peer::ensure_sample()?.map(|sample| {
            vec![
                ("SHELL_TEST_SAMPLE", sample.folder),
                ("SHELL_TEST_SAMPLE_PYTHON", sample.python),
            ]
        }),
        "the authorizer to compare with, which needs Python 3.10 and a package index",
    );
    cargo::run(&["build", "--package=shell-authorizer"])?;
    let authorizer = places::target()?.join("debug/shell-authorizer");
    found.variables.extend([
        site_variable(),
        ("SHELL_TEST_AUTHORIZER", authorizer.into()),
    ]);
    site::ensure()?;
    let tests = ["--test=workspace", "--test=service", "--test=bench"];
    whole_system(&tests, filter, &found.variables)?;
    Ok(found.untested)
}

/// The scenarios that go on as long as they are told to.
fn endurance() -> Result<Untested> {
    let filter = ["two_tabs", "--nocapture"].map(String::from);
    browser(&filter, &[("SHELL_TEST_MINUTES", MINUTES.into())])
}

/// Makes pictures of all that the shell shows, by the tests that look at it.
pub(crate) fn shots() -> Result<()> {
    if browsers::chromium()?.is_none() {
        return Err(Failure::because(
            "the pictures are made in Chromium: install it with its driver, chromedriver",
        ));
    }
    let folder = places::workspace().join("target/shots");
    let filter = ["looks::shots".to_owned()];
    browser(&filter, &[("SHELL_TEST_SHOTS", folder.clone().into())])?;
    say(format!("the pictures are in {}", folder.display()));
    Ok(())
}

fn browser(filter: &[String], more: &[(&'static str, OsString)]) -> Result<Untested> {
    let mut found = Found::default();
    found.browsers()?;
    found.take(
        peer::ensure()?.map(|folder| vec![("SHELL_TEST_PEER", folder)]),
        "the independent provider, which needs Node.js",
    );
    found.take(
        jupyter::ensure()?.map(|lab| vec![("SHELL_TEST_JUPYTER", lab)]),
        "the shell inside JupyterLab, which needs Python 3.10 and a package index",
    );
    found.take(
        peer::ensure_axe()?.map(|script| vec![("SHELL_TEST_AXE", script)]),
        "barriers in the shell's pages, which takes Node.js with npm to find",
    );

    let folder = places::test_data(DEFAULT_VERSION)?;
    let mut mlflow = mlflow::launch(DEFAULT_VERSION, &folder)?;
    site::ensure()?;
    mlflow.make_ready()?;
    let mut variables = found.variables;
    variables.extend([
        site_variable(),
        ("SHELL_TEST_MLFLOW", mlflow.url.clone().into()),
        ("SHELL_TEST_DEMO", folder.join(DEMO).into()),
        ("SHELL_TEST_PYTHON", mlflow.python().into()),
    ]);
    variables.extend_from_slice(more);
    // The library's own tests try what it does with browsers.
    whole_system(&["--lib", "--test=browser"], filter, &variables)?;
    Ok(found.untested)
}

/// What the browser tests are told of this machine, and what it lacks.
#[derive(Debug, Default)]
struct Found {
    variables: Vec<(&'static str, OsString)>,
    untested: Untested,
}

impl Found {
    fn browsers(&mut self) -> Result<()> {
        let chromium = browsers::chromium()?.map(|browser| {
            vec![
                ("SHELL_TEST_CHROMIUM", browser.program),
                ("SHELL_TEST_CHROMEDRIVER", browser.driver),
            ]
        });
        self.take(chromium, "Chromium, which is not installed with its driver");
        let firefox = browsers::firefox()?.map(|browser| {
            vec![
                ("SHELL_TEST_FIREFOX", browser.program),
                ("SHELL_TEST_GECKODRIVER", browser.driver),
            ]
        });
        self.take(firefox, "Firefox, which is not installed");
        let webkit = browsers::webkit()?.map(|webkit| {
            vec![
                ("SHELL_TEST_WEBKIT", webkit.browser.program),
                ("SHELL_TEST_WEBKITDRIVER", webkit.browser.driver),
                ("SHELL_TEST_XVFB", webkit.xvfb),
            ]
        });
        self.take(
            webkit,
            "WebKitGTK, which is not installed with its driver and Xvfb",
        );
        Ok(())
    }

    fn take(&mut self, variables: Option<Vec<(&'static str, PathBuf)>>, gap: &str) {
        match variables {
            Some(variables) => {
                let texts = variables.into_iter();
                let texts = texts.map(|(name, path)| (name, path.into_os_string()));
                self.variables.extend(texts);
            }
            None => self.untested.push(gap.to_owned()),
        }
    }
}

fn whole_system(tests: &[&str], filter: &[String], variables: &[(&str, OsString)]) -> Result<()> {
    let mut arguments = vec!["test", "--package=shell-tests"];
    arguments.extend(tests);
    let arguments = with_filter(arguments, filter);
    let mut command = cargo::command()?;
    command.args(&arguments).envs(variables.iter().cloned());
    process::run(&cargo::spelled(&arguments), &mut command)
}

fn site_variable() -> (&'static str, OsString) {
    ("SHELL_TEST_SITE", places::site().into())
}

fn with_filter<'a>(mut arguments: Vec<&'a str>, filter: &'a [String]) -> Vec<&'a str> {
    if !filter.is_empty() {
        arguments.push("--");
        arguments.extend(filter.iter().map(String::as_str));
    }
    arguments
}
