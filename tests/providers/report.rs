//! What was seen of each provider, for the table.

use std::{env, fs::OpenOptions, io::Write, path::PathBuf};

use anyhow::{Context, Result};
use serde_json::json;

use crate::provider::Name;

/// Names the file to which lines are added.
const FILE: &str = "SHELL_TEST_REPORT";

/// Does a step, which returns how it went in a word, and adds that to the report, if
/// there is one.
///
/// # Errors
/// As the step.
#[expect(clippy::print_stdout, reason = "what is seen is what is to be shown")]
pub(crate) async fn step(
    name: Name,
    step: &str,
    act: impl AsyncFnOnce() -> Result<&'static str>,
) -> Result<()> {
    let outcome = act().await.with_context(|| format!("{name}: {step}"));
    let word = outcome.as_ref().map_or("no", |word| *word);
    println!("{name}: {step}: {word}");
    let outcome = outcome.map(drop);
    let Some(report) = env::var_os(FILE).map(PathBuf::from) else {
        return outcome;
    };
    let line = json!({ "provider": name.to_string(), "step": step, "outcome": word });
    let file = OpenOptions::new().append(true).create(true).open(&report);
    // In one piece: another test may be adding its own.
    let written = file.and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()));
    written.with_context(|| format!("cannot write {}", report.display()))?;
    outcome
}
