//! Calls of cargo.

use std::{
    env,
    ffi::{OsStr, OsString},
    fs,
    path::PathBuf,
    process::Command,
};

use crate::{
    failure::{Explain, Result},
    places, process, programs,
};

/// Returns a cargo command at the workspace's root.
pub(crate) fn command() -> Result<Command> {
    at_root(bare())
}

/// Returns a command at the workspace's root that runs `program`, which calls
/// cargo and looks for the other programs by name.
pub(crate) fn through(program: PathBuf, others: &[PathBuf]) -> Result<Command> {
    let folders: Vec<_> = others
        .iter()
        .map(|other| other.parent().unwrap_or(other).to_owned())
        .collect();
    let mut command = Command::new(program);
    command.env("PATH", programs::search_path_with(&folders)?);
    hide_this_package(&mut command);
    at_root(command)
}

fn at_root(mut command: Command) -> Result<Command> {
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

/// Returns the path of a binary of this workspace that is built for development.
pub(crate) fn debug_binary(name: &str) -> Result<PathBuf> {
    Ok(places::target()?.join("debug").join(name))
}

/// Returns how long it takes to build a program for development, in minutes; 0 if
/// an earlier build is there.
pub(crate) fn minutes(program: &str) -> Result<u32> {
    Ok(if debug_binary(program)?.is_file() {
        0
    } else {
        3
    })
}

/// Returns compiler flags that keep this machine's folders out of the messages
/// of panics: smaller files, the same on every machine.
pub(crate) fn without_paths() -> Result<String> {
    let sources = places::cargo_home()?.join("registry/src");
    let unreadable = || format!("cannot read {}", sources.display());
    let mut flags = Vec::new();
    for source in fs::read_dir(&sources).explain(unreadable)? {
        let source = source.explain(unreadable)?.path();
        flags.push(format!("--remap-path-prefix={}=", source.display()));
    }
    // Where the standard library's own sources are installed, too.
    if let Some(sysroot) = process::answer(Command::new("rustc").args(["--print", "sysroot"])) {
        let library = format!("{}/lib/rustlib/src/rust/library", sysroot.trim());
        flags.push(format!("--remap-path-prefix={library}=std"));
    }
    Ok(flags.join(" "))
}

/// Returns the command line as a person would type it.
pub(crate) fn spelled<A: AsRef<OsStr>>(arguments: &[A]) -> String {
    let words = arguments.iter().map(|word| word.as_ref().to_string_lossy());
    format!("`cargo {}`", words.collect::<Vec<_>>().join(" "))
}
