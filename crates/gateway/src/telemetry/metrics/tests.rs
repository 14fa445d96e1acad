use shell_core::policy::{Area, Operation, endpoints};

use super::*;

const NOTHING: OutcomeLabels = OutcomeLabels {
    verdict: Verdict::None,
    status: "2xx",
};

#[test]
fn what_was_counted_is_told() {
    let metrics = Metrics::default();
    let told = OutcomeLabels {
        verdict: Verdict::Allow,
        status: status_class(201),
    };
    let asked = OperationLabels {
        area: Area::Runs.as_str(),
        access: "write",
    };
    metrics.request(asked, told, Duration::from_millis(3));
    metrics.upstream(Some("dev"), Duration::from_millis(2));
    metrics.own(Duration::from_micros(60));
    metrics.waited(Duration::ZERO);
    metrics.shed(ShedReason::QueueFull);
    metrics.token_check("ok");
    metrics.key_load("https://issuer.example", Some(1_700_000_000));
    metrics.key_load("https://issuer.example", None);
    metrics.audit_errors().inc();
    metrics.signing_error();
    metrics.log_errors(|| 2);
    metrics.on_scrape(|gauges| gauges.concurrency(7, 3));
    let [_kept, gone] = [metrics.connection(), metrics.connection()];
    drop(gone);

    let text = metrics.text();

    for line in [
        r#"mlflow_shell_requests_total{area="runs",access="write",verdict="allow",status="2xx"} 1"#,
        r#"mlflow_shell_request_duration_seconds_bucket{le="0.004",area="runs",access="write"} 1"#,
        r#"mlflow_shell_upstream_duration_seconds_count{server="dev"} 1"#,
        "mlflow_shell_own_duration_seconds_count 1",
        "mlflow_shell_queue_duration_seconds_count 1",
        r#"mlflow_shell_shed_total{reason="full"} 1"#,
        r#"mlflow_shell_token_checks_total{outcome="ok"} 1"#,
        r#"mlflow_shell_key_loads_total{outcome="failed"} 1"#,
        r#"mlflow_shell_keys_loaded_timestamp_seconds{issuer="https://issuer.example"} 1700000000"#,
        "mlflow_shell_audit_errors_total 1",
        "mlflow_shell_signing_errors_total 1",
        "mlflow_shell_log_errors_total 2",
        "mlflow_shell_requests_under_way 7",
        "mlflow_shell_requests_waiting 3",
        "mlflow_shell_connections 1",
        concat!(
            r#"mlflow_shell_build_info{version=""#,
            env!("CARGO_PKG_VERSION"),
            r#""} 1"#
        ),
        "# EOF",
    ] {
        assert!(text.lines().any(|told| told == line), "{line}\n{text}");
    }
    assert!(text.contains("mlflow_shell_start_timestamp_seconds "));
}

/// However many endpoints there are, and whatever clients ask for.
#[test]
fn the_number_of_series_is_bounded() {
    let metrics = Metrics::default();
    for endpoint in endpoints::all() {
        let operation = Operation::Endpoint(endpoint);
        metrics.request(OperationLabels::of(&operation), NOTHING, Duration::ZERO);
    }
    for other in [Operation::Unknown, Operation::GraphQl(Vec::new())] {
        metrics.request(OperationLabels::of(&other), NOTHING, Duration::ZERO);
    }
    let text = metrics.text();
    let series = text
        .lines()
        .filter(|line| line.contains("_requests_total{"));
    let most = (Area::ALL.len() + 2) * 3;
    assert!((20..=most).contains(&series.count()), "{text}");
}
