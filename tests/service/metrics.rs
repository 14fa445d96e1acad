//! What Prometheus is told, and where.

use std::{
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

use shell_gateway::serve_metrics;
use shell_tests::{client, environment, wait};
use tokio::net::TcpListener;

use crate::{echo, fixture::Fixture};

/// Reads the metrics as Prometheus's own client for Python does, and the alerts.
const READER: &str = include_str!("metrics/read.py");

/// The same, and Grafana's dashboard.
const DASHBOARD: &str = include_str!("metrics/dashboard.py");

/// After requests of every kind.
async fn used() -> Fixture {
    let fixture = Fixture::new().await;
    fixture
        .get_as_reader("/mlflow/ajax-api/2.0/mlflow/experiments/search")
        .await;
    fixture
        .get_as_reader("/mlflow/ajax-api/2.0/mlflow/experiments/create")
        .await;
    fixture.get_as_admin("/mlflow/made-up?secret=1").await;
    fixture.get("/mlflow/", &[]).await;
    fixture.get(&format!("/mlflow{}", echo::SCRIPT), &[]).await;
    fixture.get("/", &[]).await;
    fixture.get("/readyz", &[]).await;
    fixture
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_requests_is_told_without_names() {
    let fixture = used().await;
    let text = fixture.deployment.metrics.text();
    for line in [
        r#"area="experiments",access="read",verdict="allow",status="2xx"} 1"#,
        r#"area="unknown",access="manage",verdict="allow",status="2xx"} 1"#,
        r#"area="unread",access="none",verdict="unauthenticated",status="4xx"} 1"#,
        r#"area="static-files",access="none",verdict="none",status="2xx"} 1"#,
        r#"area="site",access="none",verdict="none",status="2xx"} 1"#,
        r#"token_checks_total{outcome="ok"} 3"#,
        r#"token_checks_total{outcome="refused"} 1"#,
        r#"key_loads_total{outcome="ok"} 1"#,
        r#"upstream_duration_seconds_count{server=""} 2"#,
        "own_duration_seconds_count 2",
        "mlflow_shell_ready 1",
        "audit_errors_total 0",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    for word in ["secret", "made-up", "alice", "create", "search"] {
        assert!(!text.contains(word), "{word}\n{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_nothing_probes_reports_whether_it_is_ready() {
    let fixture = Fixture::new().await;
    let metrics = &fixture.deployment.metrics;
    assert!(metrics.text().contains("mlflow_shell_ready 0"));
    until_scraped(&fixture, "mlflow_shell_ready 1").await;
    fixture.deployment.upstream.stop();
    until_scraped(&fixture, "mlflow_shell_ready 0").await;
}

async fn until_scraped(fixture: &Fixture, line: &str) {
    let scraped = wait::until(line, async || {
        let text = fixture.deployment.metrics.scrape().await;
        Ok(text.contains(line).then_some(()))
    });
    scraped.await.expect("it comes");
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_at_their_own_address_only() {
    let fixture = used().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let serving = tokio::spawn(serve_metrics(listener, fixture.deployment.metrics.clone()));

    let told = client::get(&format!("{url}/metrics"), &[]).await;
    let told = told.expect("an answer");
    assert_eq!(told.status, 200);
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(told.header("content-type"), kind);
    assert!(told.text().ends_with("# EOF\n"));
    let elsewhere = client::get(&url, &[]).await.expect("an answer");
    assert_eq!(elsewhere.status, 404);
    let public = fixture.get("/metrics", &[]).await;
    assert!(!public.text().contains("mlflow_shell_"));
    serving.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn prometheus_reads_them_and_the_alerts_ask_for_what_is_there() {
    let Some(python) = environment::prometheus() else {
        return;
    };
    let text = used().await.deployment.metrics.text();
    let read = read_by(&python, READER, "deploy/prometheus/rules.yml", &text);
    for family in [
        "counter mlflow_shell_requests ",
        "histogram mlflow_shell_request_duration_seconds ",
        "gauge mlflow_shell_requests_waiting 1",
        "info mlflow_shell_build 1",
        "gauge mlflow_shell_keys_loaded_timestamp_seconds 1",
        "alert MlflowShellSheds",
    ] {
        assert!(read.contains(family), "{family}\n{read}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dashboard_shows_all_that_is_measured_and_nothing_else() {
    let Some(python) = environment::prometheus() else {
        return;
    };
    let text = used().await.deployment.metrics.text();
    let dashboard = "deploy/grafana/mlflow-auth-shell.json";
    let read = read_by(&python, DASHBOARD, dashboard, &text);
    assert!(read.contains("panel Requests by verdict"), "{read}");
    let older = text.replace("mlflow_shell_connections", "mlflow_shell_clients");
    assert!(!is_read(&python, DASHBOARD, dashboard, &older));
}

/// What a reader says of metrics and a file.
fn read_by(python: &Path, reader: &str, file: &str, metrics: &str) -> String {
    let output = run_reader(python, reader, file, metrics, Stdio::inherit());
    assert!(output.status.success(), "{metrics}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn is_read(python: &Path, reader: &str, file: &str, metrics: &str) -> bool {
    let output = run_reader(python, reader, file, metrics, Stdio::null());
    output.status.success()
}

fn run_reader(python: &Path, reader: &str, file: &str, metrics: &str, errors: Stdio) -> Output {
    let mut reader = Command::new(python)
        .args(["-c", reader])
        .arg(environment::workspace().join(file))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(errors)
        .spawn()
        .expect("Python starts");
    let mut input = reader.stdin.take().expect("its input");
    input.write_all(metrics.as_bytes()).expect("it reads");
    drop(input);
    reader.wait_with_output().expect("it ends")
}
