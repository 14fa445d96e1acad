//! `cargo xtask fuzz`: inputs that libFuzzer makes up, against the properties
//! in `tests/fuzz`.

use std::{
    fs,
    num::{NonZeroU16, NonZeroUsize},
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};

use clap::{Args, ValueEnum};

use crate::{
    cargo,
    console::say,
    failure::{Explain, Failure, Result},
    logged::LoggedProcess,
    places, process, programs,
    tools::{self, CARGO_FUZZ},
};

/// How often the running fuzzers are looked at.
const POLL: Duration = Duration::from_millis(200);

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The one target to fuzz; all of them, if none is named
    target: Option<Target>,
    /// How long, in all
    #[arg(long, value_name = "COUNT", default_value = "10")]
    minutes: NonZeroU16,
}

/// What inputs are made up for.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Target {
    /// The payload of a token
    Claims,
    /// The body of a GraphQL request
    #[value(name = "graphql")]
    GraphQl,
    /// The path of a request
    Path,
    /// A policy
    Policy,
    /// A request, as far as a policy looks at it
    Router,
    /// A token
    Token,
}

impl Target {
    fn name(self) -> &'static str {
        match self {
            Self::Claims => "claims",
            Self::GraphQl => "graphql",
            Self::Path => "path",
            Self::Policy => "policy",
            Self::Router => "router",
            Self::Token => "token",
        }
    }
}

/// Fuzzes each target for its share of the time, all processors on one at a
/// time, up to the first input that breaks a property.
pub(crate) fn run(options: &Options) -> Result<()> {
    let targets = match &options.target {
        Some(target) => std::slice::from_ref(target),
        None => Target::value_variants(),
    };
    let programs = build()?;
    let all = Duration::from_mins(options.minutes.get().into());
    let share = all / u32::try_from(targets.len()).unwrap_or(u32::MAX);
    for target in targets {
        let name = target.name();
        say(format!("{name}: fuzzing for {} s", share.as_secs()));
        let executions = fuzz(name, share, &programs)?;
        say(format!("{name}: {executions} executions, no finding"));
    }
    Ok(())
}

/// Builds all targets, and returns the folder of their programs.
fn build() -> Result<PathBuf> {
    ensure_compiler()?;
    let triple = process::answer(Command::new("rustc").args(["--print", "host-tuple"]));
    let triple = triple.ok_or_else(|| Failure::because("`rustc` does not say what it is for"))?;
    let triple = triple.trim();
    let target = folder()?;
    let mut command = Command::new(tools::ensure(&CARGO_FUZZ)?);
    cargo::hide_this_package(&mut command);
    command
        .current_dir(sources())
        // Sanitizers find what `unsafe` code does wrong. There is none here,
        // and they would take a nightly compiler.
        .args(["build", "--fuzz-dir=.", "--sanitizer=none"])
        .args(["--target", triple, "--target-dir"])
        .arg(&target);
    process::run("`cargo fuzz build`", &mut command)?;
    Ok(target.join(triple).join("release"))
}

/// libFuzzer is written in C++.
fn ensure_compiler() -> Result<()> {
    let is_there = || programs::find(&["c++", "g++", "clang++"]).is_some();
    if is_there() || programs::install_debian_packages(&["g++"])? && is_there() {
        return Ok(());
    }
    let words = "a C++ compiler is missing, which libFuzzer takes: install g++ or clang";
    Err(Failure::because(words))
}

/// Fuzzes one target with a process for each processor, and returns how many
/// inputs were tried.
fn fuzz(name: &str, share: Duration, programs: &Path) -> Result<u64> {
    let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let logs: Vec<PathBuf> = (1..=processors)
        .map(|number| Ok(folder()?.join(format!("{name}-{number}.log"))))
        .collect::<Result<_>>()?;
    let start = |log: &PathBuf| {
        let mut command = command(name, share, programs)?;
        LoggedProcess::start(&format!("fuzzing `{name}`"), &mut command, log)
    };
    let running = logs.iter().map(start).collect::<Result<_>>()?;
    wait(running).map_err(|failure| told(name, &logs, failure))?;
    Ok(logs.iter().filter_map(|log| executions(log)).sum())
}

fn command(name: &str, share: Duration, programs: &Path) -> Result<Command> {
    let folder = folder()?;
    // What one run finds worth keeping, the next one begins with.
    let corpus = folder.join("corpus").join(name);
    fs::create_dir_all(&corpus).explain(|| format!("cannot make {}", corpus.display()))?;
    let dictionary = sources().join("dictionaries").join(name);
    let mut command = Command::new(programs.join(name));
    command
        .arg(corpus)
        .arg(sources().join("seeds").join(name))
        .arg(format!("-dict={}.dict", dictionary.display()))
        .arg(format!("-artifact_prefix={}/{name}-", folder.display()))
        .arg(format!("-max_total_time={}", share.as_secs().max(1)))
        .args(["-timeout=10", "-print_final_stats=1"]);
    Ok(command)
}

/// Waits until all have ended; the first that fails ends the others.
fn wait(mut running: Vec<LoggedProcess>) -> Result<()> {
    while !running.is_empty() {
        let mut still = Vec::new();
        for mut fuzzer in running {
            if !fuzzer.has_finished()? {
                still.push(fuzzer);
            }
        }
        running = still;
        process::pause(POLL)?;
    }
    Ok(())
}

/// The failure, with the input that led to it.
fn told(name: &str, logs: &[PathBuf], failure: Failure) -> Failure {
    let Failure::Because(words) = failure else {
        return failure;
    };
    match logs
        .iter()
        .find_map(|log| value(log, "Test unit written to "))
    {
        Some(input) => Failure::Because(format!(
            "the property of `{name}` does not hold for {input}: put a copy into \
             tests/fuzz/seeds/{name}, where `cargo xtask test service` tries it\n{words}"
        )),
        None => Failure::Because(words),
    }
}

fn executions(log: &Path) -> Option<u64> {
    value(log, "stat::number_of_executed_units:")?.parse().ok()
}

/// What stands after `label` in a log.
fn value(log: &Path, label: &str) -> Option<String> {
    let text = fs::read(log).ok()?;
    let text = String::from_utf8_lossy(&text);
    let line = text.lines().find_map(|line| line.split_once(label))?;
    Some(line.1.trim().to_owned())
}

/// Where the targets are.
fn sources() -> PathBuf {
    places::workspace().join("tests/fuzz")
}

/// Where they are built, and where findings and logs are.
fn folder() -> Result<PathBuf> {
    Ok(places::target()?.join("fuzz"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_its_files() {
        let manifest = fs::read_to_string(sources().join("Cargo.toml")).unwrap();
        for target in Target::value_variants() {
            let name = target.name();
            assert!(manifest.contains(&format!("path = \"targets/{name}.rs\"")));
            for file in ["targets/{}.rs", "dictionaries/{}.dict", "seeds/{}"] {
                let file = sources().join(file.replace("{}", name));
                assert!(file.exists(), "{}", file.display());
            }
        }
    }

    #[test]
    fn a_finding_is_told_with_its_input() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let words = "artifact_prefix='x-'; Test unit written to /x-crash-1\nBase64: AA==\n";
        fs::write(&log, words).unwrap();
        let told = told("path", &[log], Failure::because("it failed")).to_string();
        assert!(told.starts_with("the property of `path` does not hold for /x-crash-1: put"));
        assert!(told.ends_with("\nit failed"));
    }

    #[test]
    fn executions_are_read_from_the_log() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        fs::write(
            &log,
            b"\xff\nstat::number_of_executed_units: 820493\nstat::x: 1\n",
        )
        .unwrap();
        assert_eq!(executions(&log), Some(820_493));
    }
}
