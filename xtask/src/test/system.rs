//! The tests of the whole system, and what is started for them.

use std::{ffi::OsString, fs, path::Path};

use super::{
    Extent, Run, Untested,
    found::Found,
    native::{self, Wanted},
    package,
    sequence::Output,
    servers::{self, Store},
    versions,
};
use crate::{
    amplify, browsers, cargo, charts,
    console::say,
    failure::{Explain, Failure, Result},
    jupyter,
    mlflow::{self, DEFAULT_VERSION},
    moto, peer, places, programs, prometheus, site, templates as checks, tools,
};

/// The versions of MLflow at which rights are tried: the sample's last, the last
/// of MLflow 2, and ours.
const RELEASES: [&str; 3] = ["2.12.2", "2.22.5", DEFAULT_VERSION];

/// The versions of MLflow whose clients are tried: ours is the last.
const CLIENTS: [&str; 2] = ["2.12.2", DEFAULT_VERSION];

/// How many scenarios run at a time. Browsers share the machine badly, but
/// scenarios also wait: for tokens to end, for outages to be over.
const SCENARIOS: &str = "3";

/// Has every scenario run in every engine.
const ALL_ENGINES: &str = "SHELL_TEST_ALL_ENGINES";

/// The pictures that the README and the manual have, and their names there.
const PICTURES: [(&str, &str); 4] = [
    ("workbench-1400-light", "mlflow-light"),
    ("workbench-1400-dark", "mlflow-dark"),
    ("lab-launcher", "jupyterlab-launcher"),
    ("lab", "jupyterlab"),
];

/// How many tests run at a time where they wait more than they compute.
const WAITING_TESTS: &str = "4";

/// How long each scenario of the endurance test goes on.
const MINUTES: &str = "10";

/// Starts the servers of an ordinary run, and installs what is missing, while
/// nothing else looks for it. What cannot be had is told by the step that wants it.
pub(super) fn prepare(run: &Run) -> Result<()> {
    for version in RELEASES {
        run.servers.launch(version, Store::Empty)?;
    }
    for version in [&versions::ORDINARY[..], &[DEFAULT_VERSION]].concat() {
        run.servers.launch(version, Store::Demo)?;
    }
    let mut found = Found::default();
    found.browsers()?;
    package::checkers(&mut found)?;
    terminals()?;
    moto::ensure()?;
    moto::ensure_client()?;
    prometheus::ensure()?;
    charts::ensure()?;
    jupyter::ensure()?;
    peer::ensure()?;
    peer::ensure_axe()?;
    peer::ensure_sample()?;
    peer::ensure_extensions()?;
    for tool in [&tools::CARGO_DENY, &tools::WASM_PACK, &tools::WASM_BINDGEN] {
        tools::ensure(tool)?;
    }
    tools::ensure_wasm_target()
}

/// Installs what sign-ins from a terminal are tried with: a desktop's keyring, and the
/// independent provider.
pub(super) fn terminals() -> Result<Untested> {
    let bus = programs::ensure("dbus-daemon", "dbus")?;
    let keyring = programs::ensure("gnome-keyring-daemon", "gnome-keyring")?;
    let mut untested = Vec::new();
    if bus.is_none() || keyring.is_none() {
        untested.push("sessions in a desktop's keyring, which needs gnome-keyring and dbus".into());
    }
    if peer::ensure()?.is_none() {
        untested.push("terminals at the independent provider, which needs Node.js".into());
    }
    Ok(untested)
}

pub(super) fn service(run: &Run, output: &Output) -> Result<Untested> {
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
    // They wait more than they compute.
    found
        .variables
        .push(("RUST_TEST_THREADS", WAITING_TESTS.into()));
    let tests = Wanted::System(&["workspace", "service", "fuzz", "bench"]);
    native::test(run, output, tests, &run.filter, &found.variables)?;
    Ok(found.untested)
}

/// The site is not needed: nothing here is opened in a browser.
pub(super) fn templates(run: &Run, output: &Output) -> Result<Untested> {
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
    found.variables.push(gateway_variable()?);
    let tests = Wanted::System(&["templates"]);
    native::test(run, output, tests, &run.filter, &found.variables)?;
    Ok(found.untested)
}

/// The chart is rendered, and the program reads what it makes; there is no cluster.
pub(super) fn charts(run: &Run, output: &Output) -> Result<Untested> {
    let mut found = Found::default();
    found.take(
        charts::ensure()?.map(|python| vec![("SHELL_TEST_HELM", python)]),
        "the Helm chart, which needs Python 3.10 and a package index",
    );
    found.take(
        checks::checkov()?.map(|checkov| vec![("SHELL_TEST_CHECKOV", checkov)]),
        "mistakes in the Helm chart, which takes Python 3.10 and a package index to find",
    );
    found.take(
        peer::ensure_extensions()?.map(|folder| vec![("SHELL_TEST_EXTENSIONS", folder)]),
        "the Helm chart's objects of extensions, which need Node.js",
    );
    let python = mlflow::environment::ensure(DEFAULT_VERSION)?.program("python");
    let variables = [gateway_variable()?, ("SHELL_TEST_PYTHON", python.into())];
    found.variables.extend(variables);
    let tests = Wanted::System(&["charts"]);
    native::test(run, output, tests, &run.filter, &found.variables)?;
    Ok(found.untested)
}

pub(super) fn policy(run: &Run, output: &Output) -> Result<()> {
    site::ensure()?;
    run.servers.launch(DEFAULT_VERSION, Store::Workspaces)?;
    let all = run.servers.all_empty(&RELEASES)?;
    let python = all.first().map(|server| server.python.clone());
    let workspaces = run.servers.get(DEFAULT_VERSION, Store::Workspaces)?;
    let variables = [
        site_variable(),
        ("SHELL_TEST_WORKSPACES", workspaces.listed().into()),
        ("SHELL_TEST_CLIENTS", servers::clients(&all)),
        ("SHELL_TEST_TRACKING", servers::listed(&all)),
        ("SHELL_TEST_PYTHON", python.unwrap_or_default().into()),
    ];
    let tests = Wanted::System(&["policy"]);
    native::test(run, output, tests, &run.filter, &variables)
}

/// Each client speaks to the server of its own version.
pub(super) fn sdk(run: &Run, output: &Output) -> Result<Untested> {
    clients(run, output, &run.filter, &[])
}

/// The job that outlives its tokens, for as long as endurance takes.
pub(super) fn long_job(run: &Run, output: &Output) -> Result<Untested> {
    let filter = ["a_job_that_outlives", "--nocapture"].map(String::from);
    let more = [("SHELL_TEST_MINUTES", MINUTES.into())];
    clients(run, output, &filter, &more)
}

fn clients(
    run: &Run,
    output: &Output,
    filter: &[String],
    more: &[(&'static str, OsString)],
) -> Result<Untested> {
    let mut found = Found::default();
    let [moto, boto3] = [moto::ensure()?, moto::ensure_client()?];
    found.take(
        moto.zip(boto3)
            .map(|(moto, boto3)| vec![("SHELL_TEST_MOTO", moto), ("SHELL_TEST_BOTO3", boto3)]),
        "files in parts, which take Python 3.10 and a package index",
    );
    let versions = match run.extent {
        Extent::Ordinary => &CLIENTS[CLIENTS.len() - 1..],
        Extent::Whole => &CLIENTS,
    };
    site::ensure()?;
    let all = run.servers.all_empty(versions)?;
    found.variables.extend([
        site_variable(),
        gateway_variable()?,
        ("SHELL_TEST_TRACKING", servers::listed(&all)),
        ("SHELL_TEST_CLIENTS", servers::clients(&all)),
    ]);
    found.variables.extend_from_slice(more);
    let tests = Wanted::System(&["sdk"]);
    native::test(run, output, tests, filter, &found.variables)?;
    Ok(found.untested)
}

/// The gateway is the program that is released, but for its site.
pub(super) fn load(run: &Run, output: &Output) -> Result<()> {
    let python = mlflow::environment::ensure(DEFAULT_VERSION)?.program("python");
    site::ensure()?;
    cargo::run(&["build", "--release", "--package=shell-cli"])?;
    let gateway = places::target()?.join("release/mlflow-shell");
    let variables = [
        site_variable(),
        ("SHELL_TEST_PYTHON", python.into()),
        ("SHELL_TEST_GATEWAY", gateway.into()),
    ];
    let filter = ["--nocapture".to_owned()];
    native::test(run, output, Wanted::System(&["load"]), &filter, &variables)
}

/// The scenarios that go on as long as they are told to.
pub(super) fn endurance(run: &Run, output: &Output) -> Result<Untested> {
    let filter = ["two_tabs", "--nocapture"].map(String::from);
    let more = [
        ("SHELL_TEST_MINUTES", MINUTES.into()),
        (ALL_ENGINES, "yes".into()),
    ];
    browser(run, output, &filter, &more)
}

/// Makes pictures of all that the shell shows, by the tests that look at it.
pub(crate) fn shots() -> Result<()> {
    if browsers::chromium()?.is_none() {
        return Err(Failure::because(
            "the pictures are made in Chromium: install it with its driver, chromedriver",
        ));
    }
    let folder = places::workspace().join("target/shots");
    let filter = ["looks::shots", "lab_tile::a_person"].map(str::to_owned);
    let run = Run::default();
    let more = [("SHELL_TEST_SHOTS", folder.clone().into())];
    browser(&run, &Output::default(), &filter, &more)?;
    keep_pictures(&folder)?;
    say(format!("the pictures are in {}", folder.display()));
    Ok(())
}

/// Puts some of the pictures where the README and the manual show them.
fn keep_pictures(folder: &Path) -> Result<()> {
    for (name, shown) in PICTURES {
        let picture = places::workspace().join(format!("docs/images/{shown}.png"));
        fs::copy(folder.join(format!("{name}.png")), &picture)
            .explain(|| format!("cannot write {}", picture.display()))?;
    }
    Ok(())
}

pub(super) fn browser(
    run: &Run,
    output: &Output,
    filter: &[String],
    more: &[(&'static str, OsString)],
) -> Result<Untested> {
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

    run.servers.launch(DEFAULT_VERSION, Store::Demo)?;
    site::ensure()?;
    let hosted = places::workspace().join("target/hosted-site");
    amplify::assemble(&hosted, Some(DEFAULT_VERSION))?;
    let mlflow = run.servers.get(DEFAULT_VERSION, Store::Demo)?;
    let mut ui = OsString::from(format!("{DEFAULT_VERSION} "));
    ui.push(run.servers.ui(DEFAULT_VERSION)?);
    let mut variables = found.variables;
    variables.extend([
        ("RUST_TEST_THREADS", SCENARIOS.into()),
        site_variable(),
        ("SHELL_TEST_HOSTED", hosted.into()),
        authorizer_variable()?,
        ("SHELL_TEST_UI", ui),
        ("SHELL_TEST_MLFLOW", mlflow.url.clone().into()),
        ("SHELL_TEST_DEMO", mlflow.demo()),
        ("SHELL_TEST_PYTHON", mlflow.python.into()),
    ]);
    if run.all_engines {
        variables.push((ALL_ENGINES, "yes".into()));
    }
    variables.extend_from_slice(more);
    // The library's own tests try what it does with browsers.
    let tests = Wanted::SystemAndLibrary(&["browser"]);
    native::test(run, output, tests, filter, &variables)?;
    Ok(found.untested)
}

/// Our Lambda function, which is built with the tests.
fn authorizer_variable() -> Result<(&'static str, OsString)> {
    let authorizer = native::product("shell-authorizer")?;
    Ok(("SHELL_TEST_AUTHORIZER", authorizer.into()))
}

/// Our gateway, which is built with the tests.
pub(super) fn gateway_variable() -> Result<(&'static str, OsString)> {
    let gateway = native::product("mlflow-shell")?;
    Ok(("SHELL_TEST_GATEWAY", gateway.into()))
}

pub(super) fn site_variable() -> (&'static str, OsString) {
    ("SHELL_TEST_SITE", places::site().into())
}
