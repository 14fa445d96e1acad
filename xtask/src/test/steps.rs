//! What each part of the tests runs.

use std::{
    process::{Command, Stdio},
    slice,
};

use super::{Extent, Step, Untested, amplify, package, system, versions};
use crate::{
    browsers, cargo,
    console::say,
    failure::Result,
    places, process,
    tools::{self, CARGO_DENY, WASM_BINDGEN, WASM_PACK},
};

/// What has a lock file of its own: the workspace, and what is fuzzed.
const MANIFESTS: [&str; 2] = ["Cargo.toml", "tests/fuzz/Cargo.toml"];

/// Begins the sentence about advisories, which an offline machine cannot check.
pub(super) const ADVISORIES: &str = "advisories";

const WASM_TARGET: &str = "--target=wasm32-unknown-unknown";
/// The crates that only a browser can run.
const BROWSER_CRATES: &[&str] = &["shell-app", "shell-worker", "shell-web"];
/// Names the site that becomes part of the gateway.
const EMBEDDED_SITE: &str = "MLFLOW_SHELL_SITE";
const SMALL_SITE: &str = "crates/gateway/tests/site";
/// Where their tests are.
const BROWSER_FOLDERS: [&str; 3] = ["app", "crates/web", "crates/worker"];

pub(super) fn run(step: Step, filter: &[String], extent: Extent) -> Result<Untested> {
    match step {
        Step::Format => format().map(|()| Vec::new()),
        Step::Clippy => clippy().map(|()| Vec::new()),
        Step::Deny => deny(),
        Step::Unit => unit(filter).map(|()| Vec::new()),
        Step::Wasm => wasm(filter),
        Step::Service => system::service(filter),
        Step::Templates => system::templates(filter),
        Step::Policy => system::policy(filter).map(|()| Vec::new()),
        Step::Sdk => system::sdk(filter, extent),
        Step::Browser => system::browser(filter, &[]),
        Step::Versions => versions::run(filter, extent),
        Step::Endurance => system::endurance(),
        Step::Load => system::load().map(|()| Vec::new()),
        Step::Amplify => amplify::run(filter),
        Step::Package => package::run(filter),
    }
}

fn format() -> Result<()> {
    cargo::run(&["fmt", "--all", "--check"])?;
    cargo::run(&["fmt", "--manifest-path", MANIFESTS[1], "--check"])
}

fn clippy() -> Result<()> {
    let deny_warnings = ["--", "-D", "warnings"];
    let mut native = vec!["clippy", "--workspace", "--all-targets", "--all-features"];
    native.extend(BROWSER_CRATES.iter().flat_map(|name| ["--exclude", name]));
    native.extend(deny_warnings);
    run_with_all_features(&native)?;

    tools::ensure_wasm_target()?;
    let mut wasm = vec!["clippy", WASM_TARGET, "--all-targets"];
    wasm.extend(BROWSER_CRATES.iter().flat_map(|name| ["--package", name]));
    wasm.extend(deny_warnings);
    cargo::run(&wasm)
}

fn deny() -> Result<Untested> {
    let deny = tools::ensure(&CARGO_DENY)?;
    let command = |manifest| {
        let mut command = Command::new(&deny);
        command.current_dir(places::workspace());
        command.args(["--manifest-path", manifest]);
        command
    };
    let always = [
        "check",
        "--hide-inclusion-graph",
        "licenses",
        "bans",
        "sources",
    ];
    for manifest in MANIFESTS {
        process::run("`cargo deny check`", command(manifest).args(always))?;
    }

    say("fetching the database of advisories");
    let mut fetch = command(MANIFESTS[0]);
    fetch.args(["fetch", "db"]).stderr(Stdio::null());
    if process::answer(&mut fetch).is_none() {
        let gap = format!("{ADVISORIES}, because their database cannot be reached");
        return Ok(vec![gap]);
    }
    for manifest in MANIFESTS {
        let check = ["--offline", "check", "advisories"];
        process::run(
            "`cargo deny check advisories`",
            command(manifest).args(check),
        )?;
    }
    Ok(Vec::new())
}

fn unit(filter: &[String]) -> Result<()> {
    let mut arguments = vec!["test", "--workspace", "--all-features"];
    arguments.extend(BROWSER_CRATES.iter().flat_map(|name| ["--exclude", name]));
    arguments.extend(["--exclude", "shell-tests"]);
    run_with_all_features(&with_filter(arguments, filter))
}

/// Runs cargo for every feature. Of the gateway's site a few files will do.
fn run_with_all_features(arguments: &[&str]) -> Result<()> {
    let mut command = cargo::command()?;
    command.env(EMBEDDED_SITE, places::workspace().join(SMALL_SITE));
    process::run(&cargo::spelled(arguments), command.args(arguments))
}

/// Runs the tests of each crate that only a browser can run in one of them; a
/// crate may have none.
fn wasm(filter: &[String]) -> Result<Untested> {
    let browser = if let Some(chromium) = browsers::chromium()? {
        ["--chrome".into(), "--chromedriver".into(), chromium.driver]
    } else if let Some(firefox) = browsers::firefox()? {
        ["--firefox".into(), "--geckodriver".into(), firefox.driver]
    } else {
        let gap = "the browser adapters, because neither Chromium nor Firefox is installed";
        return Ok(vec![gap.to_owned()]);
    };
    tools::ensure_wasm_target()?;
    let wasm_pack = tools::ensure(&WASM_PACK)?;
    let bindgen = tools::ensure(&WASM_BINDGEN)?;
    for folder in BROWSER_FOLDERS {
        let mut command = cargo::through(wasm_pack.clone(), slice::from_ref(&bindgen))?;
        // What comes after the folder is passed on to cargo.
        command.args(["test", "--mode", "no-install", "--headless"]);
        command.args(&browser).arg(folder);
        command.args(with_filter(Vec::new(), filter));
        process::run(&format!("`wasm-pack test {folder}`"), &mut command)?;
    }
    Ok(Vec::new())
}

/// The arguments, with what is passed on to the test programs.
pub(super) fn with_filter<'a>(mut arguments: Vec<&'a str>, filter: &'a [String]) -> Vec<&'a str> {
    if !filter.is_empty() {
        arguments.push("--");
        arguments.extend(filter.iter().map(String::as_str));
    }
    arguments
}
