//! Steps that run one after the other.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use super::{Line, Run, Step, Untested, steps};
use crate::{
    console::say,
    failure::{Explain, Failure, Result},
    places, process,
};

/// Steps, and how those ended that have run.
#[derive(Debug)]
pub(super) struct Sequence {
    steps: Vec<Step>,
    /// Whether their output goes to files.
    is_kept: bool,
    lines: Vec<Line>,
    failure: Option<String>,
}

/// Where the output of a step goes: to the console, or to this file.
#[derive(Debug, Default)]
pub(super) struct Output(Option<PathBuf>);

impl Sequence {
    /// Steps whose output is shown.
    pub(super) fn shown(steps: &[Step]) -> Self {
        Self {
            steps: steps.to_vec(),
            is_kept: false,
            lines: Vec::new(),
            failure: None,
        }
    }

    /// Steps whose output is kept in files, and shown if they fail.
    pub(super) fn kept(steps: &[Step]) -> Self {
        Self {
            is_kept: true,
            ..Self::shown(steps)
        }
    }

    /// Runs them, up to the first that fails.
    ///
    /// # Errors
    /// If it was interrupted.
    pub(super) fn run(mut self, run: &Run) -> Result<Self> {
        for step in self.steps.clone() {
            let output = Output::of(step, self.is_kept)?;
            let start = Instant::now();
            let outcome = steps::run(step, run, &output).and_then(refuse_gaps_in_ci);
            self.note(step, start.elapsed(), &output, outcome)?;
            if self.failure.is_some() {
                break;
            }
        }
        Ok(self)
    }

    /// The steps that have run.
    pub(super) fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// What the last of them failed with.
    pub(super) fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    fn note(
        &mut self,
        step: Step,
        took: Duration,
        output: &Output,
        outcome: Result<Untested>,
    ) -> Result<()> {
        let name = step.name();
        let (outcome, untested) = match outcome {
            Ok(untested) => ("ok", untested),
            Err(Failure::Interrupted) => return Err(Failure::Interrupted),
            Err(Failure::Because(sentence)) => {
                output.show();
                self.failure = Some(format!("{name}: {sentence}"));
                ("FAILED", Untested::new())
            }
        };
        if self.is_kept {
            say(format!(
                "== {name}: {outcome}, {:.0} s ==",
                took.as_secs_f64()
            ));
        }
        self.lines.push(Line {
            step,
            outcome,
            took,
            untested,
        });
        Ok(())
    }
}

impl Output {
    fn of(step: Step, is_kept: bool) -> Result<Self> {
        let name = step.name();
        if !is_kept {
            say(format!("\n== {name} =="));
            return Ok(Self(None));
        }
        let folder = places::workspace().join("target/test-logs");
        let file = folder.join(format!("{name}.log"));
        let cannot_write = || format!("cannot write {}", file.display());
        fs::create_dir_all(&folder).explain(cannot_write)?;
        fs::write(&file, "").explain(cannot_write)?;
        say(format!(
            "== {name} (beside the rest; see {}) ==",
            file.display()
        ));
        Ok(Self(Some(file)))
    }

    /// Runs `command` to its end, with its output there.
    pub(super) fn run(&self, name: &str, command: &mut Command) -> Result<()> {
        if let Some(file) = &self.0 {
            let cannot_write = || format!("cannot write {}", file.display());
            let log = File::options().append(true).open(file);
            let log = log.explain(cannot_write)?;
            command.stdout(log.try_clone().explain(cannot_write)?);
            command.stderr(log);
        }
        process::run(name, command)
    }

    fn show(&self) {
        let Some(file) = &self.0 else { return };
        say(fs::read_to_string(file).unwrap_or_default());
    }
}

/// What a developer's machine lacks is told; in CI it is a failure.
fn refuse_gaps_in_ci(untested: Untested) -> Result<Untested> {
    let is_allowed = |gap: &String| gap.starts_with(steps::ADVISORIES);
    if places::in_ci() && !untested.iter().all(is_allowed) {
        return Err(Failure::because(format!(
            "not tested, which CI must: {}",
            untested.join("; ")
        )));
    }
    Ok(untested)
}
