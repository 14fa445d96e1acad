//! The tests of the whole system, and what is started for them.

use std::ffi::OsString;

use super::{Extent, Untested, found::Found, package, steps::with_filter};
use crate::{
    amplify, browsers, cargo,
    console::say,
    failure::{Failure, Result},
    jupyter,
    mlflow::{self, DEFAULT_VERSION, DEMO, Mlflow},
    moto, peer, places, process, programs, prometheus, site, templates as checks,
};

/// The versions of MLflow at which rights are tried: the sample's last, the last
/// of MLflow 2, and ours.
const RELEASES: [&str; 3] = ["2.12.2", "2.22.5", DEFAULT_VERSION];

/// The versions of MLflow whose clients are tried: ours is the last.
const CLIENTS: [&str; 2] = ["2.12.2", DEFAULT_VERSION];

/// How many scenarios are played at a time. Browsers share the machine badly, but
/// scenarios also wait: for tokens to end, for outages to be over.
const SCENARIOS: &str = "3";

/// How long each scenario of the endurance test goes on.
const MINUTES: &str = "10";

pub(super) fn service(filter: &[String]) -> Result<Untested> {
    let mut found = Found::default();
    found.take(
        moto::ensure()?.map(|python| vec![("SHELL_TEST_MOTO", python)]),
        "the script that makes users, which needs Python 3.10 and a package index",
    );
    found.take(
        prometheus::ensure()?.map(|python| vec![("SHELL_TEST_PROMETHEUS", python)]),
        "that Prometheus reads the metrics, which needs Python 3.10 and a package index",
    );
    found.take(
        peer::ensure_sample()?.map(|sample| {
            vec![
                ("SHELL_TEST_SAMPLE", sample.folder),
                ("SHELL_TEST_SAMPLE_PYTHON", sample.python),
            ]
        }),
        "the authorizer to compare with, which needs Python 3.10 and a package index",
    );
    found.take(
        peer::ensure()?.map(|folder| vec![("SHELL_TEST_PEER", folder)]),
        "the machines of an independent provider, which needs Node.js",
    );
    package::checkers(&mut found)?;
    site::ensure()?;
    found
        .variables
        .extend([site_variable(), authorizer_variable()?, gateway_variable()?]);
    let tests = [
        "--test=workspace",
        "--test=service",
        "--test=fuzz",
        "--test=bench",
    ];
    whole_system(&tests, filter, &found.variables)?;
    Ok(found.untested)
}

/// The site is not needed: nothing here is opened in a browser.
pub(super) fn templates(filter: &[String]) -> Result<Untested> {
    let mut found = Found::default();
    if !checks::check()? {
        let gap = "mistakes in the templates, which takes Python 3.10 and a package index to find";
        found.untested.push(gap.to_owned());
    }
    found.take(
        moto::ensure()?.map(|python| vec![("SHELL_TEST_MOTO", python)]),
        "the templates' deployment, which needs Python 3.10 and a package index",
    );
    found.take(
        programs::find(&["node"]).map(|node| vec![("SHELL_TEST_NODE", node)]),
        "the routes at CloudFront's edge, which take Node.js to run",
    );
    whole_system(&["--test=templates"], filter, &found.variables)?;
    Ok(found.untested)
}

pub(super) fn policy(filter: &[String]) -> Result<()> {
    let mut servers = launch_all(&RELEASES)?;
    site::ensure()?;
    let listed = wait_for_all(&mut servers, &RELEASES)?;
    let python = servers.first().map(Mlflow::python);
    let variables = [
        site_variable(),
        ("SHELL_TEST_TRACKING", listed),
        ("SHELL_TEST_PYTHON", python.unwrap_or_default().into()),
    ];
    whole_system(&["--test=policy"], filter, &variables)
}

/// Each client speaks to the server of its own version.
pub(super) fn sdk(filter: &[String], extent: Extent) -> Result<Untested> {
    let mut found = Found::default();
    let [moto, boto3] = [moto::ensure()?, moto::ensure_client()?];
    found.take(
        moto.zip(boto3)
            .map(|(moto, boto3)| vec![("SHELL_TEST_MOTO", moto), ("SHELL_TEST_BOTO3", boto3)]),
        "files in parts, which take Python 3.10 and a package index",
    );
    let versions = match extent {
        Extent::Ordinary => &CLIENTS[CLIENTS.len() - 1..],
        Extent::Whole => &CLIENTS,
    };
    let mut servers = launch_all(versions)?;
    site::ensure()?;
    let listed = wait_for_all(&mut servers, versions)?;
    let client =
        |(server, version): (&Mlflow, &&str)| format!("{version} {}", server.python().display());
    let clients: Vec<_> = servers.iter().zip(versions).map(client).collect();
    found.variables.extend([
        site_variable(),
        ("SHELL_TEST_TRACKING", listed),
        ("SHELL_TEST_CLIENTS", clients.join("\n").into()),
    ]);
    whole_system(&["--test=sdk"], filter, &found.variables)?;
    Ok(found.untested)
}

/// The gateway is the program that is released, but for its site.
pub(super) fn load() -> Result<()> {
    let python = mlflow::environment::ensure(DEFAULT_VERSION)?.program("python");
    site::ensure()?;
    cargo::run(&["build", "--release", "--package=shell-cli"])?;
    let gateway = places::target()?.join("release/mlflow-shell");
    let variables = [
        site_variable(),
        ("SHELL_TEST_PYTHON", python.into()),
        ("SHELL_TEST_GATEWAY", gateway.into()),
    ];
    whole_system(&["--test=load"], &["--nocapture".to_owned()], &variables)
}

fn launch_all(versions: &[&str]) -> Result<Vec<Mlflow>> {
    let start = |version: &&str| mlflow::launch_empty(version, &places::passing_data(version)?);
    versions.iter().map(start).collect()
}

/// Waits until each is ready, and lists them for the tests.
fn wait_for_all(servers: &mut [Mlflow], versions: &[&str]) -> Result<OsString> {
    let mut listed = Vec::new();
    for (server, version) in servers.iter_mut().zip(versions) {
        server.wait()?;
        let folder = server.folder().display();
        listed.push(format!("{version} {} {folder}", server.url));
    }
    Ok(listed.join("\n").into())
}

/// The scenarios that go on as long as they are told to.
pub(super) fn endurance() -> Result<Untested> {
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

pub(super) fn browser(filter: &[String], more: &[(&'static str, OsString)]) -> Result<Untested> {
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

    let [moto, boto3] = [moto::ensure()?, moto::ensure_client()?];
    found.take(
        moto.zip(boto3)
            .map(|(moto, boto3)| vec![("SHELL_TEST_MOTO", moto), ("SHELL_TEST_BOTO3", boto3)]),
        "SageMaker's managed MLflow and artifacts in S3, which need Python 3.10 and a package index",
    );

    let folder = places::test_data(DEFAULT_VERSION)?;
    let mut mlflow = mlflow::launch(DEFAULT_VERSION, &folder)?;
    site::ensure()?;
    let hosted = places::workspace().join("target/hosted-site");
    amplify::assemble(&hosted, Some(DEFAULT_VERSION))?;
    mlflow.make_ready()?;
    let mut ui = OsString::from(format!("{DEFAULT_VERSION} "));
    ui.push(mlflow.ui()?);
    let mut variables = found.variables;
    variables.extend([
        ("RUST_TEST_THREADS", SCENARIOS.into()),
        site_variable(),
        ("SHELL_TEST_HOSTED", hosted.into()),
        authorizer_variable()?,
        ("SHELL_TEST_UI", ui),
        ("SHELL_TEST_MLFLOW", mlflow.url.clone().into()),
        ("SHELL_TEST_DEMO", folder.join(DEMO).into()),
        ("SHELL_TEST_PYTHON", mlflow.python().into()),
    ]);
    variables.extend_from_slice(more);
    // The library's own tests try what it does with browsers.
    whole_system(&["--lib", "--test=browser"], filter, &variables)?;
    Ok(found.untested)
}

pub(super) fn whole_system(
    tests: &[&str],
    filter: &[String],
    variables: &[(&str, OsString)],
) -> Result<()> {
    let mut arguments = vec!["test", "--package=shell-tests"];
    arguments.extend(tests);
    let arguments = with_filter(arguments, filter);
    let mut command = cargo::command()?;
    command.args(&arguments).envs(variables.iter().cloned());
    process::run(&cargo::spelled(&arguments), &mut command)
}

/// Builds our Lambda function.
fn authorizer_variable() -> Result<(&'static str, OsString)> {
    cargo::run(&["build", "--package=shell-authorizer"])?;
    let authorizer = places::target()?.join("debug/shell-authorizer");
    Ok(("SHELL_TEST_AUTHORIZER", authorizer.into()))
}

/// Builds our gateway, with the features that the tests have it with, so that
/// nothing is compiled twice.
fn gateway_variable() -> Result<(&'static str, OsString)> {
    let packages = ["--package=shell-cli", "--package=shell-tests"];
    cargo::run(&["build", packages[0], packages[1], "--lib", "--bins"])?;
    let gateway = places::target()?.join("debug/mlflow-shell");
    Ok(("SHELL_TEST_GATEWAY", gateway.into()))
}

pub(super) fn site_variable() -> (&'static str, OsString) {
    ("SHELL_TEST_SITE", places::site().into())
}
