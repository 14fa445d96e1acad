//! The developer commands: `cargo xtask COMMAND`.

mod amplify;
mod bench;
mod book;
mod browsers;
mod cargo;
mod charts;
mod clients;
mod console;
mod debian;
mod deployments;
mod dist;
mod endpoints;
mod esbuild;
mod failure;
mod fuzz;
mod hadolint;
mod http;
mod install;
mod jupyter;
mod logged;
mod mlflow;
mod moto;
mod npm;
mod peer;
mod places;
mod post_build;
mod process;
mod programs;
mod prometheus;
mod providers;
mod python;
mod site;
mod templates;
mod test;
mod tools;
mod ui;
mod up;
mod wasm_opt;
mod zig;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use failure::{Failure, Result};

/// What a shell reports for a program ended by Ctrl-C.
const INTERRUPTED: u8 = 130;

/// The developer commands of MLflow Auth Shell.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the whole product on this machine, with a real MLflow
    Up(up::Options),
    /// Run all tests, or one part of them
    Test(test::Options),
    /// Look for inputs that break what must hold for all
    Fuzz(fuzz::Options),
    /// Measure
    Bench(bench::Options),
    /// Make pictures of all that the shell shows
    Shots,
    /// Make a book of the manual, with search
    Book,
    /// List the endpoints of MLflow, for the tests of who may use which
    Endpoints(endpoints::Options),
    /// Build the site into `dist`
    Site,
    /// Build the site again, for debugging, whenever a source changes
    Watch,
    /// Put MLflow's released UI into the site
    Ui(ui::Options),
    /// Build the site for AWS Amplify Hosting
    Amplify {
        /// What to do
        #[command(subcommand)]
        task: amplify::Task,
    },
    /// Install the gateway with the site in it
    Install(install::Options),
    /// Build what is uploaded, into `dist-lambda`, `dist-site`, `dist-gateway` or
    /// `dist-wheel`
    Dist {
        /// What to build
        #[command(subcommand)]
        what: dist::Product,
    },
    /// Finish trunk's build; trunk calls it
    #[command(hide = true)]
    PostBuild,
}

#[expect(clippy::print_stderr, reason = "the one place that reports a failure")]
fn main() -> ExitCode {
    match process::catch_interrupts().and_then(|()| run(Arguments::parse().command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Interrupted) => ExitCode::from(INTERRUPTED),
        Err(failure @ Failure::Because(_)) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Up(options) => match up::run(&options) {
            // Ctrl-C is how `up` is meant to end, even before it is ready.
            Err(Failure::Interrupted) => Ok(()),
            outcome => outcome,
        },
        Command::Test(options) => test::run(&options),
        Command::Fuzz(options) => fuzz::run(&options),
        Command::Bench(options) => bench::run(&options),
        Command::Shots => test::shots(),
        Command::Book => book::build(),
        Command::Endpoints(options) => endpoints::run(&options),
        Command::Site => site::build(),
        Command::Watch => match site::watch() {
            // Ctrl-C is how it is meant to end.
            Err(Failure::Interrupted) => Ok(()),
            outcome => outcome,
        },
        Command::Ui(options) => ui::run(&options),
        Command::Amplify { task } => amplify::run(&task),
        Command::Install(options) => install::run(&options),
        Command::Dist { what } => dist::run(&what),
        Command::PostBuild => post_build::run(),
    }
}
