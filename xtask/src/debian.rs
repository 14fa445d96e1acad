//! Debian packages that are unpacked in the cache, and change nothing of the system.
//!
//! A package's dependencies are those that the system lacks, as apt finds them. What
//! a package does when it is installed (users, services, databases) is not done.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use sha2::{Digest, Sha256};

use crate::{
    console::say,
    failure::{Explain, Failure, Result},
    places, process, programs,
};

/// Its presence says that everything is unpacked; it has the version.
const READY: &str = "ready";

/// Where the packages are unpacked.
const ROOT: &str = "root";

/// A program of several packages.
#[derive(Debug)]
pub(crate) struct Unpacked<'a> {
    /// The name of its folder.
    pub(crate) name: &'a str,
    /// The packages that are named; the first has the version. A package that the
    /// system has is named if files of others link to it.
    pub(crate) packages: &'a [&'a str],
    /// The version that is tried.
    pub(crate) version: &'a str,
}

/// Packages in a folder.
#[derive(Debug)]
pub(crate) struct Root {
    pub(crate) folder: PathBuf,
    /// What the distribution has.
    pub(crate) version: String,
}

/// Returns the unpacked packages, or nothing where there is no apt.
pub(crate) fn ensure(wanted: &Unpacked<'_>) -> Result<Option<Root>> {
    let (Some(apt), Some(_)) = (programs::find(&["apt-get"]), programs::find(&["dpkg-deb"])) else {
        return Ok(None);
    };
    let digest = format!("{:x}", Sha256::digest(wanted.packages.join(" ")));
    let folder = format!("debian-{}-{}", wanted.name, &digest[..8]);
    let folder = places::cache()?.join(folder);
    let marker = folder.join(READY);
    if !marker.is_file() {
        let version = unpack(&apt, wanted, &folder)?;
        fs::write(&marker, version).explain(|| format!("cannot write {}", marker.display()))?;
    }
    let version = fs::read_to_string(&marker);
    let version = version.explain(|| format!("cannot read {}", marker.display()))?;
    if !version.starts_with(wanted.version) {
        let Unpacked {
            name,
            version: tried,
            ..
        } = wanted;
        say(format!(
            "this distribution has {name} {version}, not {tried}"
        ));
    }
    let folder = folder.join(ROOT);
    Ok(Some(Root { folder, version }))
}

/// Returns the version of the first package.
fn unpack(apt: &Path, wanted: &Unpacked<'_>, folder: &Path) -> Result<String> {
    if rustix::process::geteuid().is_root() {
        let mut update = Command::new(apt);
        process::run("`apt-get update`", update.args(["-q", "update"]))?;
    }
    let all = missing(apt, wanted)?;
    say(format!(
        "fetching {} of Debian with {} packages that it needs (about 20 MB, once)",
        wanted.name,
        all.len().saturating_sub(wanted.packages.len())
    ));
    let root = folder.join(ROOT);
    fs::create_dir_all(&root).explain(|| format!("cannot create {}", root.display()))?;
    let mut download = Command::new(apt);
    download
        .args(["-q", "download"])
        .args(&all)
        .current_dir(folder);
    process::run("`apt-get download`", download.stdout(Stdio::null()))?;
    for package in archives(folder)? {
        let mut extract = Command::new("dpkg-deb");
        extract.arg("--extract").arg(&package).arg(&root);
        process::run("`dpkg-deb --extract`", &mut extract)?;
    }
    version(folder, wanted.packages[0])
}

/// The packages, and what they depend on that is not installed here.
fn missing(apt: &Path, wanted: &Unpacked<'_>) -> Result<Vec<String>> {
    let mut simulate = Command::new(apt);
    simulate
        .args(["--simulate", "--no-install-recommends", "install"])
        .args(wanted.packages);
    let plan = process::answer(&mut simulate).ok_or_else(|| {
        Failure::because(format!(
            "apt knows no way to install {}: bring its lists up to date with `apt-get update`",
            wanted.name
        ))
    })?;
    let mut all: Vec<_> = wanted.packages.iter().map(ToString::to_string).collect();
    all.extend(plan.lines().filter_map(installed_anew));
    all.sort();
    all.dedup();
    Ok(all)
}

/// The package of a line of apt's plan, unless that only renews it.
fn installed_anew(line: &str) -> Option<String> {
    let mut words = line.strip_prefix("Inst ")?.split_whitespace();
    let name = words.next()?;
    words.next()?.starts_with('(').then(|| name.to_owned())
}

fn archives(folder: &Path) -> Result<Vec<PathBuf>> {
    let unreadable = || format!("cannot read {}", folder.display());
    let entries = fs::read_dir(folder).explain(unreadable)?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let is_package = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "deb");
    Ok(paths.filter(is_package).collect())
}

fn version(folder: &Path, package: &str) -> Result<String> {
    let prefix = format!("{package}_");
    let is_of = |path: &&PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(&prefix)
    };
    let all = archives(folder)?;
    let archive = all.iter().find(is_of);
    let archive = archive.ok_or_else(|| Failure::because(format!("apt fetched no {package}")))?;
    let mut ask = Command::new("dpkg-deb");
    let answer = process::answer(ask.arg("--field").arg(archive).arg("Version"));
    Ok(answer.unwrap_or_default().trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_only_renewed_is_left_as_it_is() {
        let table = [
            (
                "Inst libjson-perl (4.1 Debian:12 [all])",
                Some("libjson-perl"),
            ),
            ("Inst perl [5.36.0-7] (5.36.0-8 Debian:12 [amd64])", None),
            ("Conf perl (5.36.0-8 Debian:12 [amd64])", None),
            ("Reading package lists...", None),
        ];
        for (line, expected) in table {
            assert_eq!(installed_anew(line).as_deref(), expected, "{line}");
        }
    }
}
