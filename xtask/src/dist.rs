//! `cargo xtask dist`: what is uploaded, or put into a container.

mod archive;
mod gateway;
mod site;
mod wheel;

use std::{
    env,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use sha2::{Digest, Sha256};

use crate::{
    cargo,
    console::say,
    failure::{Explain, Failure, Result},
    places, tools, zig,
};

pub(crate) use self::{gateway::for_here as gateway_for_here, wheel::for_here as wheel_for_here};

/// The largest zip, in bytes: what is small is fetched soon at a cold start.
const LIMIT: u64 = 2_000_000;

/// What Lambda and containers run on.
const ARCHITECTURES: [Architecture; 2] = [
    Architecture {
        name: "arm64",
        of_containers: "arm64",
        of_rust: "aarch64",
    },
    Architecture {
        name: "x86_64",
        of_containers: "amd64",
        of_rust: "x86_64",
    },
];

#[derive(Debug)]
struct Architecture {
    /// What AWS calls it.
    name: &'static str,
    of_containers: &'static str,
    of_rust: &'static str,
}

/// What there is to build.
#[derive(Debug, Subcommand)]
pub(crate) enum Product {
    /// The Lambda authorizer, for both of Lambda's architectures
    Lambda,
    /// The site as a zip, for hosts of files
    Site(site::Options),
    /// The gateway with the site in it, as a static program for both architectures
    Gateway(Target),
    /// The Python package as wheels for both architectures: the gateway, and the plugin
    /// for MLflow's client
    Wheel(Target),
}

/// What machines something is built for.
#[derive(Debug, Args)]
pub(crate) struct Target {
    /// For this machine's architecture only
    #[arg(long)]
    here: bool,
}

impl Target {
    /// Builds for both architectures, or for this machine's, with the site in it.
    fn build(&self, build: impl Fn(&Architecture) -> Result<PathBuf>) -> Result<()> {
        crate::site::ensure()?;
        if self.here {
            return describe(&build(Architecture::of_this_machine()?)?);
        }
        for architecture in &ARCHITECTURES {
            describe(&build(architecture)?)?;
        }
        Ok(())
    }
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
        Product::Gateway(target) => target.build(gateway::build),
        Product::Wheel(target) => target.build(wheel::build),
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
    let zip = build(Architecture::of_this_machine()?)?;
    let folder = places::workspace().join("target/lambda");
    let program =
        archive::unpack(&zip, &folder).explain(|| format!("cannot unpack {}", zip.display()))?;
    Ok(Package { zip, program })
}

impl Architecture {
    fn of_this_machine() -> Result<&'static Self> {
        let mut known = ARCHITECTURES.iter();
        let architecture = known.find(|known| known.of_rust == env::consts::ARCH);
        let architecture = architecture.filter(|_| env::consts::OS == "linux");
        architecture.ok_or_else(|| {
            Failure::because(
                "what is built here runs on Linux on x86-64 or arm64, which this machine is not",
            )
        })
    }

    /// What Rust calls it, for a static program.
    fn target(&self) -> String {
        format!("{}-unknown-linux-musl", self.of_rust)
    }

    /// Builds a static program by `arguments`, and returns cargo's folder for
    /// this architecture.
    fn build(&self, arguments: &[&str]) -> Result<PathBuf> {
        let target = self.target();
        tools::ensure_target(&target)?;
        // The folders of the sources are looked at before the build.
        cargo::run(&["fetch", "--locked", "--target", &target])?;
        zig::build(&target, arguments)?;
        Ok(places::target()?.join(target))
    }
}

fn build(architecture: &Architecture) -> Result<PathBuf> {
    say(format!("building the authorizer for {}", architecture.name));
    let arguments = ["--locked", "--profile=lambda", "--package=shell-authorizer"];
    let program = architecture
        .build(&arguments)?
        .join("lambda/shell-authorizer");
    let zip = places::lambda().join(format!("authorizer-{}.zip", architecture.name));
    pack(&program, &zip).explain(|| format!("cannot write {}", zip.display()))?;
    keep_within(LIMIT, &zip)?;
    Ok(zip)
}

fn pack(program: &Path, zip: &Path) -> io::Result<()> {
    fs::create_dir_all(places::lambda())?;
    archive::pack(&fs::read(program)?, File::create(zip)?)
}

fn keep_within(limit: u64, file: &Path) -> Result<()> {
    let size = fs::metadata(file).explain(|| format!("cannot read {}", file.display()))?;
    within(limit, size.len()).map_err(|excess| {
        Failure::because(format!(
            "{} is {excess} bytes over its limit of {limit}: look for a dependency that \
             brings more than it is used for",
            file.display()
        ))
    })
}

/// Fails with how many bytes there are too many.
fn within(limit: u64, size: u64) -> Result<(), u64> {
    match size.saturating_sub(limit) {
        0 => Ok(()),
        excess => Err(excess),
    }
}

fn describe(file: &Path) -> Result<()> {
    let bytes = fs::read(file).explain(|| format!("cannot read {}", file.display()))?;
    let name = file.strip_prefix(places::workspace()).unwrap_or(file);
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
        assert_eq!(within(LIMIT, 0), Ok(()));
        assert_eq!(within(LIMIT, LIMIT), Ok(()));
        assert_eq!(within(LIMIT, LIMIT + 7), Err(7));
    }
}
