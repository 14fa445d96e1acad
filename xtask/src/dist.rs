//! `cargo xtask dist`: what is uploaded.

mod archive;
mod site;

use std::{
    env,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use clap::Subcommand;
use sha2::{Digest, Sha256};

use crate::{
    cargo,
    console::say,
    failure::{Explain, Failure, Result},
    places, tools, zig,
};

/// The largest zip, in bytes: what is small is fetched soon at a cold start.
const LIMIT: u64 = 2_000_000;

/// What Lambda can run a function on.
const ARCHITECTURES: [Architecture; 2] = [
    Architecture {
        name: "arm64",
        of_rust: "aarch64",
    },
    Architecture {
        name: "x86_64",
        of_rust: "x86_64",
    },
];

#[derive(Debug)]
struct Architecture {
    /// What AWS calls it.
    name: &'static str,
    of_rust: &'static str,
}

/// What there is to build.
#[derive(Debug, Subcommand)]
pub(crate) enum Product {
    /// The Lambda authorizer, for both of Lambda's architectures
    Lambda,
    /// The site as a zip, for hosts of files
    Site(site::Options),
}

/// A function as it is uploaded.
#[derive(Debug)]
pub(crate) struct Package {
    /// The zip.
    pub(crate) zip: PathBuf,
    /// The program that was taken out of it again.
    pub(crate) program: PathBuf,
}

/// Builds it.
pub(crate) fn run(product: &Product) -> Result<()> {
    match product {
        Product::Lambda => lambda(),
        Product::Site(options) => site::run(options),
    }
}

/// Builds the authorizer for both architectures.
fn lambda() -> Result<()> {
    for architecture in &ARCHITECTURES {
        let zip = build(architecture)?;
        describe(&zip)?;
    }
    Ok(())
}

/// Builds the authorizer for this machine, and unpacks it to run it here.
pub(crate) fn lambda_for_here() -> Result<Package> {
    let mut known = ARCHITECTURES.iter();
    let architecture = known.find(|known| known.of_rust == env::consts::ARCH);
    let architecture = architecture.filter(|_| env::consts::OS == "linux");
    let Some(architecture) = architecture else {
        return Err(Failure::because(
            "Lambda's programs run on Linux on x86-64 or arm64, which this machine is not",
        ));
    };
    let zip = build(architecture)?;
    let folder = places::workspace().join("target/lambda");
    let program =
        archive::unpack(&zip, &folder).explain(|| format!("cannot unpack {}", zip.display()))?;
    Ok(Package { zip, program })
}

fn build(architecture: &Architecture) -> Result<PathBuf> {
    let target = format!("{}-unknown-linux-musl", architecture.of_rust);
    tools::ensure_target(&target)?;
    // The folders of the sources are looked at before the build.
    cargo::run(&["fetch", "--locked", "--target", &target])?;
    say(format!("building the authorizer for {}", architecture.name));
    zig::build(
        &target,
        &["--locked", "--profile=lambda", "--package=shell-authorizer"],
    )?;
    let program = places::target()?
        .join(target)
        .join("lambda/shell-authorizer");
    let zip = places::lambda().join(format!("authorizer-{}.zip", architecture.name));
    pack(&program, &zip).explain(|| format!("cannot write {}", zip.display()))?;
    keep_within_limit(&zip)?;
    Ok(zip)
}

fn pack(program: &Path, zip: &Path) -> io::Result<()> {
    fs::create_dir_all(places::lambda())?;
    archive::pack(&fs::read(program)?, File::create(zip)?)
}

fn keep_within_limit(zip: &Path) -> Result<()> {
    let size = fs::metadata(zip).explain(|| format!("cannot read {}", zip.display()))?;
    within_limit(size.len()).map_err(|excess| {
        Failure::because(format!(
            "{} is {excess} bytes over its limit of {LIMIT}: look for a dependency that \
             brings more than it is used for",
            zip.display()
        ))
    })
}

/// Fails with how many bytes there are too many.
fn within_limit(size: u64) -> Result<(), u64> {
    match size.saturating_sub(LIMIT) {
        0 => Ok(()),
        excess => Err(excess),
    }
}

fn describe(zip: &Path) -> Result<()> {
    let bytes = fs::read(zip).explain(|| format!("cannot read {}", zip.display()))?;
    let name = zip.strip_prefix(places::workspace()).unwrap_or(zip);
    say(format!(
        "{:x}  {:>9} bytes  {}",
        Sha256::digest(&bytes),
        bytes.len(),
        name.display()
    ));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_itself_is_within_it() {
        assert_eq!(within_limit(0), Ok(()));
        assert_eq!(within_limit(LIMIT), Ok(()));
        assert_eq!(within_limit(LIMIT + 7), Err(7));
    }
}
