//! What each part of the tests runs.

use std::{process::Command, process::Stdio, slice};

use super::{
    Run, Step, Untested, amplify, clients, deployments,
    native::{self, Wanted},
    package, providers,
    sequence::Output,
    system, versions,
};
use crate::{
    browsers, cargo,
    console::say,
    failure::{Failure, Result},
    places, process, site,
    tools::{self, CARGO_DENY, WASM_BINDGEN, WASM_PACK},
};

/// What has a lock file of its own: the workspace, and what is fuzzed.
const MANIFESTS: [&str; 2] = ["Cargo.toml", "tests/fuzz/Cargo.toml"];

/// Begins the sentence about advisories, which an offline machine cannot check.
pub(super) const ADVISORIES: &str = "advisories";

const WASM_TARGET: &str = "--target=wasm32-unknown-unknown";
/// The crates that only a browser can run.
pub(super) const BROWSER_CRATES: &[&str] = &["shell-app", "shell-worker", "shell-web"];
/// Where their tests are.
const BROWSER_FOLDERS: [&str; 3] = ["app", "crates/web", "crates/worker"];

pub(super) fn run(step: Step, run: &Run, output: &Output) -> Result<Untested> {
    let nothing_untested = |()| Vec::new();
    match step {
        Step::All => Err(Failure::because("`all` is no step of its own")),
        Step::Format => format().map(nothing_untested),
        Step::Build => build(run).map(nothing_untested),
        Step::Clippy => clippy(output).map(nothing_untested),
        Step::Deny => deny(output),
        Step::Unit => unit(run, output),
        Step::Wasm => wasm(&run.filter, output),
        Step::Service => system::service(run, output),
        Step::Templates => system::templates(run, output),
        Step::Charts => system::charts(run, output),
        Step::Policy => system::policy(run, output).map(nothing_untested),
        Step::Sdk => system::sdk(run, output),
        Step::Deployments => deployments::run(run, output),
        Step::Browser => system::browser(run, output, &run.filter, &[]),
        Step::Versions => versions::run(run, output),
        Step::Providers => providers::run(run, output),
        Step::Clients => clients::run(run, output),
        Step::Endurance => system::endurance(run, output),
        Step::LongJob => system::long_job(run, output),
        Step::Load => system::load(run, output).map(nothing_untested),
        Step::Amplify => amplify::run(run, output),
        Step::Package => package::run(run, output),
    }
}

fn format() -> Result<()> {
    cargo::run(&["fmt", "--all", "--check"])?;
    cargo::run(&["fmt", "--manifest-path", MANIFESTS[1], "--check"])
}

/// Builds everything that the other steps run, so that none waits for another's
/// build, while the servers start.
fn build(run: &Run) -> Result<()> {
    std::thread::scope(|scope| {
        let servers = scope.spawn(|| system::prepare(run));
        let programs = native::build(Wanted::All)?;
        site::ensure()?;
        // Only this step fills it.
        let _ = run.programs.set(programs);
        servers.join().expect("nothing panics")
    })
}

fn clippy(output: &Output) -> Result<()> {
    let deny_warnings = ["--", "-D", "warnings"];
    let (name, mut native) =
        native::cargo("clippy", &[&["--all-targets"], &deny_warnings[..]].concat())?;
    output.run(&name, &mut native)?;

    // As it is released: without the development provider and a built-in site.
    let mut released = vec!["clippy", "--package=shell-cli"];
    released.extend(deny_warnings);
    output.run(
        &cargo::spelled(&released),
        cargo::command()?.args(&released),
    )?;

    tools::ensure_wasm_target()?;
    let mut wasm = vec!["clippy", WASM_TARGET, "--all-targets"];
    wasm.extend(BROWSER_CRATES.iter().flat_map(|name| ["--package", name]));
    wasm.extend(deny_warnings);
    output.run(&cargo::spelled(&wasm), cargo::command()?.args(&wasm))
}

fn deny(output: &Output) -> Result<Untested> {
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
        output.run("`cargo deny check`", command(manifest).args(always))?;
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
        output.run(
            "`cargo deny check advisories`",
            command(manifest).args(check),
        )?;
    }
    Ok(Vec::new())
}

fn unit(run: &Run, output: &Output) -> Result<Untested> {
    let untested = system::terminals()?;
    native::test(run, output, Wanted::Unit, &run.filter, &[])?;
    let (name, mut documentation) = native::cargo("test", &["--doc"])?;
    if !run.filter.is_empty() {
        documentation.arg("--").args(&run.filter);
    }
    output.run(&name, &mut documentation)?;
    Ok(untested)
}

/// Runs the tests of each crate that only a browser can run in one of them; a
/// crate may have none.
fn wasm(filter: &[String], output: &Output) -> Result<Untested> {
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
        if !filter.is_empty() {
            command.arg("--").args(filter);
        }
        output.run(&format!("`wasm-pack test {folder}`"), &mut command)?;
    }
    Ok(Vec::new())
}
