//! `cargo xtask test`: everything that must hold before a change is kept.
//!
//! ```text
//!  format ─▶ build ─┬▶ clippy ─▶ deny ─▶ unit ─▶ wasm ─┬─┬▶ browser ─▶ versions
//!                   └▶ templates ─▶ charts ────────────┘ └▶ service ─▶ policy ─▶ sdk ─▶ deployments
//! ```
//!
//! Two sequences run beside each other, of which the upper is shown while it runs and
//! the lower is kept in files. First those that compile and compute, then those that
//! wait for browsers and servers: what is timed has no compiler beside it.

mod amplify;
mod clients;
mod deployments;
mod found;
mod manual_table;
mod native;
mod package;
mod providers;
mod sequence;
mod servers;
mod steps;
mod system;
mod versions;

pub(crate) use system::shots;

use std::{
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};

use clap::ValueEnum;

use self::{native::Program, sequence::Sequence, servers::Servers};
use crate::{
    console::say,
    failure::{Failure, Result},
};

/// One part of the tests; without a name all run that take minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Step {
    /// Every part as far as it goes, and every browser scenario in every engine;
    /// without the two that take ten minutes each
    All,
    /// The sources are formatted
    Format,
    /// The programs of all other parts are built, and the site
    Build,
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
    /// The Helm chart: rendered, validated, and its configuration given to the gateway
    Charts,
    /// What each role may do, at real MLflow servers of several versions
    Policy,
    /// MLflow's own client and the examples, through the gateway: ours, every
    /// tried version if asked for by name
    Sdk,
    /// The Compose file, read strictly; if asked for by name its parts are started, and
    /// two instances behind a load balancer
    Deployments,
    /// The whole product in real browsers: each scenario in Chromium, and in every
    /// engine what only the engine decides
    Browser,
    /// Released UIs with their own servers: one of them, all if asked for by name
    Versions,
    /// Real identity providers, each installed and signed in at; only if asked for
    Providers,
    /// Third-party clients, each installed and tried directly and through the gateway;
    /// only if asked for
    Clients,
    /// Two tabs for ten minutes, in every browser; only if asked for
    Endurance,
    /// A job of ten minutes with tokens of 25 seconds; only if asked for
    LongJob,
    /// The gateway at four fifths of what it can do, while everything around it
    /// fails, for ten minutes (or `SHELL_TEST_MINUTES`); only if asked for
    Load,
    /// `amplify.yml` as written, in a fresh clone; only if asked for
    Amplify,
    /// The gateway as a static program, confined and in an image; only if asked for
    Package,
}

/// What is to be tested.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The part to run
    name: Option<Step>,
    /// Run each browser scenario in every engine
    #[arg(long)]
    all_engines: bool,
    /// Passed on to the test programs
    #[arg(last = true)]
    filter: Vec<String>,
}

/// How much of a step is run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Extent {
    /// What must hold before a change is kept.
    #[default]
    Ordinary,
    /// All there is, because the step was asked for by name.
    Whole,
}

/// What the steps of one run share.
#[derive(Debug, Default)]
struct Run {
    extent: Extent,
    all_engines: bool,
    filter: Vec<String>,
    /// The test programs, once the build step has made all of them.
    programs: OnceLock<Vec<Program>>,
    servers: Servers,
}

impl Step {
    fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Format => "format",
            Self::Build => "build",
            Self::Clippy => "clippy",
            Self::Deny => "deny",
            Self::Unit => "unit",
            Self::Wasm => "wasm",
            Self::Service => "service",
            Self::Templates => "templates",
            Self::Charts => "charts",
            Self::Policy => "policy",
            Self::Sdk => "sdk",
            Self::Deployments => "deployments",
            Self::Browser => "browser",
            Self::Versions => "versions",
            Self::Providers => "providers",
            Self::Clients => "clients",
            Self::Endurance => "endurance",
            Self::LongJob => "long-job",
            Self::Load => "load",
            Self::Amplify => "amplify",
            Self::Package => "package",
        }
    }
}

/// What runs before everything else.
const FIRST: &[Step] = &[Step::Format, Step::Build];

/// What runs then, one pair of sequences after the other.
const PAIRS: [Pair; 2] = [
    Pair {
        shown: &[Step::Clippy, Step::Deny, Step::Unit, Step::Wasm],
        kept: &[Step::Templates, Step::Charts],
    },
    Pair {
        shown: &[Step::Browser, Step::Versions],
        kept: &[Step::Service, Step::Policy, Step::Sdk, Step::Deployments],
    },
];

/// What comes last if all is to be run.
const LAST: &[Step] = &[Step::Providers, Step::Clients, Step::Package, Step::Amplify];

/// Two sequences that run beside each other.
#[derive(Debug, Clone, Copy)]
struct Pair {
    /// What is shown while it runs.
    shown: &'static [Step],
    /// Whose output is kept in files.
    kept: &'static [Step],
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
pub(crate) fn run(options: &Options) -> Result<()> {
    let begun = Instant::now();
    let extent = match options.name {
        None => Extent::Ordinary,
        Some(_) => Extent::Whole,
    };
    let run = Run {
        extent,
        all_engines: options.all_engines || options.name == Some(Step::All),
        filter: options.filter.clone(),
        programs: OnceLock::new(),
        servers: Servers::default(),
    };
    let sequences = match options.name {
        Some(step) if step != Step::All => vec![Sequence::shown(&[step]).run(&run)?],
        name => run_all(&run, name.is_some())?,
    };
    print(&sequences, begun.elapsed());
    let failures = sequences.iter().filter_map(Sequence::failure);
    let failures: Vec<_> = failures.collect();
    if failures.is_empty() {
        return Ok(());
    }
    Err(Failure::because(failures.join("; ")))
}

fn run_all(run: &Run, is_whole: bool) -> Result<Vec<Sequence>> {
    let first = Sequence::shown(FIRST).run(run)?;
    if first.failure().is_some() {
        return Ok(vec![first]);
    }
    let mut sequences = vec![first];
    for pair in PAIRS {
        sequences.extend(run_pair(pair, run)?);
    }
    let is_good = sequences.iter().all(|one| one.failure().is_none());
    if is_whole && is_good {
        sequences.push(Sequence::shown(LAST).run(run)?);
    }
    Ok(sequences)
}

fn run_pair(pair: Pair, run: &Run) -> Result<[Sequence; 2]> {
    thread::scope(|scope| {
        let kept = scope.spawn(|| Sequence::kept(pair.kept).run(run));
        let shown = Sequence::shown(pair.shown).run(run)?;
        Ok([shown, kept.join().expect("no step panics")?])
    })
}

fn print(sequences: &[Sequence], took: Duration) {
    say("\nstep      result     seconds");
    for line in sequences.iter().flat_map(Sequence::lines) {
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
    say(format!(
        "{:<18}{:>10.1}",
        "all together",
        took.as_secs_f64()
    ));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_that_takes_minutes_is_run_when_all_are() {
        let pairs = PAIRS.iter().flat_map(|pair| [pair.shown, pair.kept]);
        let all: Vec<_> = [FIRST, LAST].into_iter().chain(pairs).flatten().collect();
        for step in Step::value_variants() {
            let is_never = matches!(
                step,
                Step::All | Step::Endurance | Step::LongJob | Step::Load
            );
            assert_eq!(all.contains(&step), !is_never, "{}", step.name());
        }
    }

    #[test]
    fn steps_are_called_what_the_command_line_calls_them() {
        for step in Step::value_variants() {
            let value = step.to_possible_value().unwrap();
            assert_eq!(value.get_name(), step.name());
        }
    }
}
