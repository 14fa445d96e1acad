//! What the chart has because Helm reads nothing outside of it, and what it repeats.

use std::fs;

use shell_tests::environment;

use crate::chart::{self, Chart};

/// Files of the chart, and what they are copies of.
const COPIES: [(&str, &str); 2] = [
    ("files/rules.yml", "deploy/prometheus/rules.yml"),
    (
        "files/dashboard.json",
        "deploy/grafana/mlflow-auth-shell.json",
    ),
];

#[test]
fn the_charts_files_are_copies() {
    for (copy, original) in COPIES {
        let copied = fs::read_to_string(chart::folder().join(copy)).expect("the copy");
        let there = environment::workspace().join(original);
        let text = fs::read_to_string(&there).expect("the original");
        assert!(copied == text, "copy {original} to the chart's {copy}");
    }
}

#[test]
fn the_chart_has_the_version_of_the_program() {
    let Some(chart) = Chart::render(&[]) else {
        return;
    };
    for key in ["version", "appVersion"] {
        assert_eq!(chart.metadata[key], env!("CARGO_PKG_VERSION"), "{key}");
    }
}

#[test]
fn the_alerts_and_the_dashboard_reach_the_cluster() {
    let Some(release) = chart::release_of("everything") else {
        return;
    };
    let alerts = fs::read_to_string(chart::folder().join("files/rules.yml")).expect("alerts");
    let rule = release.all("PrometheusRule").next().expect("a rule");
    let rules = chart::list(&rule["spec"]["groups"][0]["rules"]);
    assert_eq!(rules.len(), alerts.matches("- alert: ").count());
    let name = "site-mlflow-auth-shell-dashboard";
    let map = release.named("ConfigMap", name).expect("a dashboard");
    let shown = map["data"]["mlflow-auth-shell.json"].as_str();
    let shown: serde_json::Value = serde_json::from_str(shown.expect("a text")).expect("JSON");
    let file = fs::read(chart::folder().join("files/dashboard.json")).expect("a file");
    assert_eq!(
        shown,
        serde_json::from_slice::<serde_json::Value>(&file).expect("JSON")
    );
}
