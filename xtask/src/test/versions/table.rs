//! The README's table of what was tried.

use std::path::Path;

use serde_json::Value;

use super::super::manual_table;
use crate::failure::{Explain, Failure, Result};

const HEAD: &str = "\
| MLflow | as administrator | as reader | without a bearer | what differs |
|---|--:|--:|--:|---|
";

/// What was counted with one version.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    version: String,
    /// Nothing if its server does not run here.
    rounds: Option<Rounds>,
}

#[derive(Debug, PartialEq, Eq)]
struct Rounds {
    administrator: u64,
    reader: u64,
    bare: u64,
    notes: Vec<String>,
}

impl Row {
    pub(super) fn untried(version: &str) -> Self {
        Self {
            version: version.to_owned(),
            rounds: None,
        }
    }

    /// Reads the report of the two rounds of `version`, a line of JSON for each.
    pub(super) fn read(version: &str, report: &str) -> Result<Self> {
        let lines: Vec<Value> = report
            .lines()
            .map(serde_json::from_str)
            .collect::<std::result::Result<_, _>>()
            .explain(|| format!("the report on MLflow {version} is not JSON"))?;
        let of = |user: &str| {
            let mut lines = lines.iter();
            let found = lines.find(|line| {
                let name = line["user"].as_str().unwrap_or_default();
                line["version"] == version && name.contains(user)
            });
            found.ok_or_else(|| {
                Failure::because(format!("no round of the {user} was played with {version}"))
            })
        };
        let (administrator, reader) = (of("admin")?, of("reader")?);
        let count = |line: &Value, key: &str| line[key].as_u64().unwrap_or_default();
        let notes = administrator["notes"].as_array().into_iter().flatten();
        let notes = notes.filter_map(Value::as_str).map(str::to_owned);
        Ok(Self {
            version: version.to_owned(),
            rounds: Some(Rounds {
                administrator: count(administrator, "requests"),
                reader: count(reader, "requests"),
                bare: count(administrator, "bare") + count(reader, "bare"),
                notes: notes.collect(),
            }),
        })
    }

    fn line(&self) -> String {
        let version = &self.version;
        let Some(rounds) = &self.rounds else {
            return format!("| {version} | not tried | not tried | – | |\n");
        };
        let Rounds {
            administrator,
            reader,
            bare,
            notes,
        } = rounds;
        let notes = notes.join(", ");
        format!("| {version} | {administrator} | {reader} | {bare} | {notes} |\n")
    }
}

/// Puts the table between the marks in `file`, with what the servers run on.
pub(super) fn write(file: &Path, rows: &[Row], python: &str) -> Result<()> {
    let lines: String = rows.iter().map(Row::line).collect();
    let table = format!("Servers on {python}, in Chromium:\n\n{HEAD}{lines}");
    manual_table::write(file, "versions", &table)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = r#"
{"version": "2.5.0", "user": "mlflow-reader@example.com", "requests": 90, "bare": 0, "notes": []}
{"version": "2.5.0", "user": "mlflow-admin@example.com", "requests": 100, "bare": 0, "notes": ["a", "b"]}
"#;

    #[test]
    fn a_row_has_what_both_rounds_counted() {
        let row = Row::read("2.5.0", REPORT.trim()).unwrap();
        assert_eq!(row.line(), "| 2.5.0 | 100 | 90 | 0 | a, b |\n");
    }

    #[test]
    fn a_round_that_was_not_played_is_missed() {
        let first = REPORT.trim().lines().next().unwrap();
        let failure = Row::read("2.5.0", first).unwrap_err().to_string();
        assert_eq!(failure, "no round of the admin was played with 2.5.0");
        assert!(Row::read("2.8.0", REPORT.trim()).is_err());
    }

    #[test]
    fn what_was_not_tried_is_said_to_be_so() {
        let line = Row::untried("2.5.0").line();
        assert_eq!(line, "| 2.5.0 | not tried | not tried | – | |\n");
    }
}
