//! `cargo xtask install`: the gateway with the site in it, among one's programs.

use std::path::PathBuf;

use clap::Args;

use crate::{cargo, console::say, failure::Result, process, site};

/// What `install` can be told.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The folder below whose `bin` it is put; cargo's own unless given
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

/// Builds the site, and installs the gateway.
pub(crate) fn run(options: &Options) -> Result<()> {
    site::ensure()?;
    say("installing the gateway (a few minutes the first time)");
    let mut command = cargo::command()?;
    command.args(["install", "--locked", "--path=crates/cli"]);
    command.arg("--features=embedded-site");
    if let Some(root) = &options.root {
        command.arg("--root").arg(root);
    }
    process::run("`cargo install`", &mut command)?;
    say("\nstart it with: mlflow-shell serve --config config.json --upstream URL");
    Ok(())
}
