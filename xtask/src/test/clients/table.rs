//! The manual's table of what was tried with each client.

use std::path::Path;

use serde_json::Value;

use super::super::manual_table;
use crate::{
    failure::{Explain, Result},
    mlflow::DEFAULT_VERSION,
};

/// Who asks, as the report calls them.
const COLUMNS: [&str; 4] = ["direct", "admin", "reader", "machine"];

/// The programs, and the packages that each is about; MLflow's own client has none.
const CLIENTS: [(&str, &[&str], &str); 7] = [
    ("cli", &[], "`mlflow`"),
    (
        "export_import",
        &["mlflow-export-import"],
        "mlflow-export-import",
    ),
    ("kedro_pipeline", &["kedro-mlflow"], "kedro-mlflow"),
    ("models", &["openai", "anthropic"], "openai, anthropic"),
    (
        "optuna_study",
        &["optuna-integration"],
        "optuna-integration",
    ),
    (
        "otel_spans",
        &["opentelemetry-exporter-otlp-proto-http"],
        "OpenTelemetry",
    ),
    ("places", &[], "where the token is"),
];

/// Puts the table between the marks in `file`.
pub(super) fn write(file: &Path, versions: &[(String, String)], report: &str) -> Result<()> {
    manual_table::write(file, "clients", &table(versions, report)?)
}

fn table(versions: &[(String, String)], report: &str) -> Result<String> {
    let lines: Vec<Value> = report
        .lines()
        .map(serde_json::from_str)
        .collect::<std::result::Result<_, _>>()
        .explain(|| "the report on clients is not JSON".to_owned())?;
    let rows = CLIENTS.iter().flat_map(|(client, packages, title)| {
        let title = format!("{title} {}", version(versions, packages));
        let seen = lines.iter().filter(move |line| line["client"] == *client);
        seen.map(move |line| row(&title, line))
    });
    let rule = "|---".repeat(COLUMNS.len() + 2);
    let head = format!("| client | step | {} |\n{rule}|\n", COLUMNS.join(" | "));
    Ok(head + &rows.collect::<String>())
}

fn version(versions: &[(String, String)], packages: &[&str]) -> String {
    let version = |package: &&str| {
        let mut pins = versions.iter();
        let pin = pins.find(|(name, _)| name == package);
        pin.map_or_else(String::new, |(_, version)| version.clone())
    };
    match packages {
        [] => DEFAULT_VERSION.to_owned(),
        packages => packages.iter().map(version).collect::<Vec<_>>().join(", "),
    }
}

fn row(title: &str, line: &Value) -> String {
    let text = |key: &str| line[key].as_str().unwrap_or("–").to_owned();
    let cells = COLUMNS.map(text).join(" | ");
    format!("| {title} | {} | {cells} |\n", text("step"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_names_the_client_and_what_each_got() {
        let report = r#"{"client": "cli", "step": "runs list", "direct": "works", "admin": "same", "reader": "denied", "machine": "same"}
{"client": "models", "step": "chat", "direct": "works", "admin": "fails"}"#;
        let versions = [("openai", "1"), ("anthropic", "2")];
        let versions = versions.map(|(name, version)| (name.to_owned(), version.to_owned()));
        let expected = format!(
            "| client | step | direct | admin | reader | machine |\n|---|---|---|---|---|---|\n\
             | `mlflow` {DEFAULT_VERSION} | runs list | works | same | denied | same |\n\
             | openai, anthropic 1, 2 | chat | works | fails | – | – |\n"
        );
        assert_eq!(table(&versions, report).unwrap(), expected);
        assert!(table(&versions, "none").is_err());
    }
}
