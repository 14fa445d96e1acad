//! The manual's table of what was tried with each provider.

use std::path::Path;

use serde_json::Value;

use super::super::manual_table;
use crate::{
    failure::{Explain, Result},
    providers::Provider,
};

/// The steps, as the tests call them, and what the table calls them.
const STEPS: [(&str, &str); 8] = [
    ("sign-in", "sign-in"),
    ("list", "list with bearer"),
    ("two renewals", "two renewals"),
    ("removed session", "session removed at the provider"),
    ("sign-out", "sign-out ends its session"),
    ("one group", "one group"),
    ("several groups", "several groups"),
    ("smoke", "`smoke`"),
];

/// What was seen of one provider.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    title: String,
    /// In the order of [`STEPS`]; nothing where it was not come to.
    steps: Vec<Option<String>>,
}

impl Row {
    /// Reads the report of all providers, a line of JSON for each step.
    pub(super) fn read(provider: &Provider, version: &str, report: &str) -> Result<Self> {
        let lines: Vec<Value> = report
            .lines()
            .map(serde_json::from_str)
            .collect::<std::result::Result<_, _>>()
            .explain(|| "the report on providers is not JSON".to_owned())?;
        let seen = |step: &str| {
            let mut lines = lines.iter();
            let found =
                lines.rfind(|line| line["provider"] == provider.name && line["step"] == step);
            found
                .and_then(|line| line["outcome"].as_str())
                .map(ToOwned::to_owned)
        };
        Ok(Self {
            title: format!("{} {version}", provider.title),
            steps: STEPS.iter().map(|(step, _)| seen(step)).collect(),
        })
    }

    fn line(&self) -> String {
        let word = |outcome: &Option<String>| outcome.as_deref().unwrap_or("–").to_owned();
        let cells: Vec<_> = self.steps.iter().map(word).collect();
        format!("| {} | {} |\n", self.title, cells.join(" | "))
    }
}

/// Puts the table between the marks in `file`.
pub(super) fn write(file: &Path, rows: &[Row]) -> Result<()> {
    let names: Vec<_> = STEPS.iter().map(|(_, name)| *name).collect();
    let lines: String = rows.iter().map(Row::line).collect();
    let rule = "|---".repeat(STEPS.len() + 1);
    let table = format!("| provider | {} |\n{rule}|\n{lines}", names.join(" | "));
    manual_table::write(file, "providers", &table)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::ALL;

    #[test]
    fn a_row_has_what_was_seen_last_and_tells_what_was_not_come_to() {
        let report = r#"{"provider": "canaille", "step": "sign-in", "outcome": "no"}
{"provider": "canaille", "step": "sign-in", "outcome": "yes"}
{"provider": "glewlwyd", "step": "list", "outcome": "yes"}
{"provider": "canaille", "step": "smoke", "outcome": "no"}"#;
        let row = Row::read(&ALL[0], "0.3.6", report).unwrap();
        assert_eq!(
            row.line(),
            "| canaille 0.3.6 | yes | – | – | – | – | – | – | no |\n"
        );
        assert!(Row::read(&ALL[0], "0.3.6", "none").is_err());
    }
}
