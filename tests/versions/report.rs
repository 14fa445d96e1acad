//! What a round has counted, for the table of all of them.

use std::{env, fs::OpenOptions, io::Write, path::PathBuf};

use anyhow::{Context, Result};
use serde_json::json;
use shell_core::ui::{Links, Loading};
use shell_tests::leaks::Leaks;

use crate::ui::Ui;

/// Names the file to which the counts are added.
const FILE: &str = "SHELL_TEST_REPORT";

/// Prints the counts, and adds them as a line to the report, if there is one.
#[expect(clippy::print_stdout, reason = "the counts are what is to be shown")]
pub(crate) fn add(ui: &Ui, user: &str, leaks: &Leaks) -> Result<()> {
    println!("MLflow {}, {user}:\n{leaks}", ui.version);
    let Some(report) = env::var_os(FILE).map(PathBuf::from) else {
        return Ok(());
    };
    let line = json!({
        "version": ui.version,
        "user": user,
        "requests": leaks.guarded,
        "bare": leaks.bare.len(),
        "notes": notes(ui),
    });
    let file = OpenOptions::new().append(true).create(true).open(&report);
    // In one piece: another round may be adding its own.
    let written = file.and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()));
    written.with_context(|| format!("cannot write {}", report.display()))
}

/// What is peculiar to a release, in words.
fn notes(ui: &Ui) -> Vec<&'static str> {
    let traits = ui.traits;
    let peculiarities = [
        (ui.may_evaluate, "`'unsafe-eval'`"),
        (!ui.may_evaluate, "no parallel coordinates"),
        (traits.refuses_frames, "`X-Frame-Options` replaced"),
        (traits.api.contains("preview"), "API below `/preview`"),
        (traits.images == Loading::Browser, "images by URL"),
        (traits.downloads == Loading::Browser, "downloads navigate"),
        (traits.links == Links::Around, "links for a page around it"),
    ];
    let held = peculiarities.iter().filter(|(holds, _)| *holds);
    held.map(|(_, words)| *words).collect()
}
