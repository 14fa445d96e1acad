//! Calls of cargo.

use std::{
    env,
    ffi::{OsStr, OsString},
    path::PathBuf,
    process::Command,
};

use crate::{failure::Result, places, process};

/// Returns a cargo command at the workspace's root.
pub(crate) fn command() -> Result<Command> {
    let mut command = bare();
    command.current_dir(places::workspace());
    if let Some(target) = places::shared_target()? {
        command.env("CARGO_TARGET_DIR", target);
    }
    Ok(command)
}

/// Returns a cargo command that does not concern this workspace.
pub(crate) fn bare() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    hide_this_package(&mut command);
    command
}

/// Keeps what `cargo run` tells about this package from `command`.
///
/// Some build scripts ask to run again when these variables change, which
/// they would between `cargo build` and the same call from here.
pub(crate) fn hide_this_package(command: &mut Command) {
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
}

/// Runs cargo at the workspace's root with its output shown.
pub(crate) fn run<A: AsRef<OsStr>>(arguments: &[A]) -> Result<()> {
    let mut command = command()?;
    process::run(&spelled(arguments), command.args(arguments))
}

/// Returns the path of a release binary of this workspace.
pub(crate) fn release_binary(name: &str) -> Result<PathBuf> {
    Ok(places::target()?.join("release").join(name))
}

/// Returns the command line as a person would type it.
pub(crate) fn spelled<A: AsRef<OsStr>>(arguments: &[A]) -> String {
    let words = arguments.iter().map(|word| word.as_ref().to_string_lossy());
    format!("`cargo {}`", words.collect::<Vec<_>>().join(" "))
}
