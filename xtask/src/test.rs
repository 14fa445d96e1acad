//! `cargo xtask test`: everything that must hold before a change is kept.

mod amplify;
mod found;
mod package;
mod steps;
mod system;
mod versions;

pub(crate) use system::shots;

use std::time::{Duration, Instant};

use clap::ValueEnum;

use crate::{
    console::say,
    failure::{Failure, Result},
    places,
};

/// One part of the tests; without a name all run that take minutes, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Step {
    /// The sources are formatted
    Format,
    /// The sources have no lint warnings
    Clippy,
    /// Licences, bans, sources and advisories of the dependencies
    Deny,
    /// Unit and documentation tests
    Unit,
    /// The browser adapters, in a headless browser
    Wasm,
    /// Architecture, byte budget and HTTP
    Service,
    /// The templates for AWS: checked, and deployed to an emulator
    Templates,
    /// What each role may do, at real MLflow servers of several versions
    Policy,
    /// MLflow's own client and the examples, through the gateway: ours, every
    /// tried version if asked for by name
    Sdk,
    /// The whole product in real browsers
    Browser,
    /// Released UIs with their own servers: two of them, all if asked for by name
    Versions,
    /// Two tabs for ten minutes, in every browser; only if asked for
    Endurance,
    /// The gateway at four fifths of what it can do, while everything around it
    /// fails, for ten minutes (or `SHELL_TEST_MINUTES`); only if asked for
    Load,
    /// `amplify.yml` as written, in a fresh clone; only if asked for
    Amplify,
    /// The gateway as a static program, confined and in an image; only if asked for
    Package,
}

/// How much of a step is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// What must hold before a change is kept.
    Ordinary,
    /// All there is, because the step was asked for by name.
    Whole,
}

impl Step {
    fn name(self) -> &'static str {
        match self {
            Self::Format => "format",
            Self::Clippy => "clippy",
            Self::Deny => "deny",
            Self::Unit => "unit",
            Self::Wasm => "wasm",
            Self::Service => "service",
            Self::Templates => "templates",
            Self::Policy => "policy",
            Self::Sdk => "sdk",
            Self::Browser => "browser",
            Self::Versions => "versions",
            Self::Endurance => "endurance",
            Self::Load => "load",
            Self::Amplify => "amplify",
            Self::Package => "package",
        }
    }

    /// The steps that run when none is named.
    fn ordinary() -> Vec<Self> {
        let mut steps = Self::value_variants().to_vec();
        let is_asked_for = |step: &Self| {
            matches!(
                step,
                Self::Endurance | Self::Load | Self::Amplify | Self::Package
            )
        };
        steps.retain(|step| !is_asked_for(step));
        steps
    }
}

/// What a step could not look at, each as a sentence.
type Untested = Vec<String>;

/// How a step ended.
#[derive(Debug)]
struct Line {
    step: Step,
    outcome: &'static str,
    took: Duration,
    untested: Untested,
}

/// Runs one step, or all, up to the first that fails.
///
/// `filter` goes to the test programs as it is.
pub(crate) fn run(only: Option<Step>, filter: &[String]) -> Result<()> {
    let (chosen, extent) = match only {
        None => (Step::ordinary(), Extent::Ordinary),
        Some(step) => (vec![step], Extent::Whole),
    };
    let mut summary = Vec::new();
    let mut failure = None;
    for step in chosen {
        say(format!("\n== {} ==", step.name()));
        let start = Instant::now();
        let outcome = steps::run(step, filter, extent).and_then(refuse_gaps_in_ci);
        let took = start.elapsed();
        let (outcome, untested) = match outcome {
            Ok(untested) => ("ok", untested),
            Err(Failure::Interrupted) => return Err(Failure::Interrupted),
            Err(Failure::Because(sentence)) => {
                failure = Some(format!("{}: {sentence}", step.name()));
                ("FAILED", Untested::new())
            }
        };
        summary.push(Line {
            step,
            outcome,
            took,
            untested,
        });
        if failure.is_some() {
            break;
        }
    }
    print(&summary);
    failure.map_or(Ok(()), |sentence| Err(Failure::because(sentence)))
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

fn print(summary: &[Line]) {
    say("\nstep      result     seconds");
    for line in summary {
        let Line {
            step,
            outcome,
            took,
            untested,
        } = line;
        say(format!(
            "{:<10}{outcome:<8}{:>10.1}",
            step.name(),
            took.as_secs_f64()
        ));
        for gap in untested {
            say(format!("          not tested: {gap}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_called_what_the_command_line_calls_them() {
        for step in Step::value_variants() {
            let value = step.to_possible_value().unwrap();
            assert_eq!(value.get_name(), step.name());
        }
    }
}
