//! The Python package as wheels: the gateway with the site in it and the development
//! provider, and the request-auth plugin.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use super::{Architecture, keep_within};
use crate::{
    console::say,
    failure::{Explain, Failure, Result},
    places, process,
    python::{self, Environment, Purpose},
    site, tools, zig,
};

const MATURIN: &str = "1.16.0";

/// The largest wheel, in bytes. It is compressed.
const LIMIT: u64 = 9_000_000;

/// Builds it for this machine, and returns its path.
pub(crate) fn for_here() -> Result<PathBuf> {
    site::ensure()?;
    build(Architecture::of_this_machine()?)
}

/// Builds it, with the site that was built before, and returns its path. A static
/// program runs with any C library, so that one wheel serves all Linuxes.
pub(super) fn build(architecture: &Architecture) -> Result<PathBuf> {
    say(format!("building the wheel for {}", architecture.name));
    let maturin = ensure()?;
    let target = architecture.target();
    tools::ensure_target(&target)?;
    let folder = places::wheels().join(architecture.name);
    clear(&folder)?;
    let mut command = Command::new(maturin.program("maturin"));
    command
        .args(["build", "--zig", "--target", &target])
        .args(["--compatibility", "manylinux2014", "musllinux_1_1"])
        .arg("--out")
        .arg(&folder);
    zig::prepare(&mut command, &maturin, &target)?;
    process::run("`maturin build`", &mut command)?;
    let wheel = only_file(&folder)?;
    keep_within(LIMIT, &wheel)?;
    Ok(wheel)
}

fn ensure() -> Result<Environment> {
    let purpose = Purpose {
        folder: &format!("maturin-{MATURIN}-zig-{}", zig::ZIG),
        what: "maturin and Zig",
        takes: "a minute",
        question: "from importlib.metadata import version; \
                   print(version('maturin'), version('ziglang'))",
        versions: &format!("{MATURIN} {}", zig::ZIG),
    };
    let packages = [
        format!("maturin=={MATURIN}"),
        format!("ziglang=={}", zig::ZIG),
    ];
    python::ensure(&purpose, |environment| {
        environment.pip(&["install", &packages[0], &packages[1]])
    })
}

/// Removes the wheels of earlier builds: their names differ by version.
fn clear(folder: &Path) -> Result<()> {
    let removed = match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    };
    let made = removed.and_then(|()| fs::create_dir_all(folder));
    made.explain(|| format!("cannot clear {}", folder.display()))
}

fn only_file(folder: &Path) -> Result<PathBuf> {
    let unreadable = || format!("cannot read {}", folder.display());
    let mut files = fs::read_dir(folder).explain(unreadable)?;
    let file = files.next().transpose().explain(unreadable)?;
    let file = file.ok_or_else(|| Failure::because("maturin has built no wheel"))?;
    Ok(file.path())
}
