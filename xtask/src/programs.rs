//! Programs of the system: finding them, and installing Debian packages.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    console::say,
    failure::{Explain, Result},
    process,
};

/// Returns the first of `names` that is on the search path.
pub(crate) fn find(names: &[&str]) -> Option<PathBuf> {
    let folders: Vec<_> = env::split_paths(&search_path()).collect();
    let candidates = |name: &&str| {
        let name = (*name).to_owned();
        folders
            .iter()
            .map(move |folder| folder.join(&name))
            .collect::<Vec<_>>()
    };
    names
        .iter()
        .flat_map(candidates)
        .find(|program| program.is_file())
}

/// Returns the search path with `first` before everything else.
pub(crate) fn search_path_with(first: &[PathBuf]) -> Result<OsString> {
    let path = search_path();
    let folders = first.iter().cloned().chain(env::split_paths(&path));
    env::join_paths(folders).explain(|| "the search path cannot be extended".to_owned())
}

/// Returns whether `program --version` names `version`.
pub(crate) fn is_version(program: &Path, version: &str) -> bool {
    process::answer(Command::new(program).arg("--version"))
        .is_some_and(|answer| names_version(&answer, version))
}

/// Installs Debian packages, and returns whether that was possible at all.
pub(crate) fn install_debian_packages(packages: &[&str]) -> Result<bool> {
    let is_root = rustix::process::geteuid().is_root();
    let Some(apt) = find(&["apt-get"]).filter(|_| is_root) else {
        return Ok(false);
    };
    say(format!(
        "installing the Debian packages {} (about a minute)",
        packages.join(", ")
    ));
    process::run(
        "`apt-get update`",
        Command::new(&apt).args(["-q", "update"]),
    )?;
    process::run(
        "`apt-get install`",
        Command::new(&apt)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(["-q", "-y", "--no-install-recommends", "install"])
            .args(packages),
    )?;
    Ok(true)
}

/// Returns a program, after installing its Debian package if that is possible here.
pub(crate) fn ensure(program: &str, package: &str) -> Result<Option<PathBuf>> {
    if find(&[program]).is_none() {
        install_debian_packages(&[package])?;
    }
    Ok(find(&[program]))
}

fn search_path() -> OsString {
    env::var_os("PATH").unwrap_or_default()
}

fn names_version(answer: &str, version: &str) -> bool {
    let first = answer.lines().next().unwrap_or_default();
    let mut words = first.split_whitespace();
    words.any(|word| word.trim_start_matches('v') == version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_whole_words() {
        let cases = [
            ("trunk 0.21.14", "0.21.14", true),
            ("trunk 0.21.14", "0.21.1", false),
            ("mdbook v0.5.4", "0.5.4", true),
            ("geckodriver 0.37.1 ( )\n\nThe source code…", "0.37.1", true),
            ("wasm-opt version 132 (version_132)", "132", true),
            ("wasm-opt version 108", "132", false),
            ("", "132", false),
        ];
        for (answer, version, expected) in cases {
            assert_eq!(names_version(answer, version), expected, "{answer}");
        }
    }

    #[test]
    fn the_first_name_on_the_path_is_found() {
        assert!(find(&["no-such-program", "sh"]).is_some_and(|path| path.ends_with("sh")));
        assert_eq!(find(&["no-such-program"]), None);
    }
}
