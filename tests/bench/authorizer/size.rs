//! How large the functions are.

use std::{env, fs, process::Command};

use anyhow::{Context, Result, ensure};
use shell_tests::environment;

/// Where our zip is.
const ZIP: &str = "SHELL_BENCH_ZIP";

/// Sizes in bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    /// Our zip.
    pub(crate) zip: u64,
    /// The program in it.
    pub(crate) ours: u64,
    /// The sample's module with the libraries that have to be uploaded.
    pub(crate) sample: u64,
}

impl Sizes {
    /// Looks at the files.
    pub(crate) fn look() -> Result<Self> {
        let zip = env::var_os(ZIP).with_context(|| format!("{ZIP} must name our zip"))?;
        Ok(Self {
            zip: fs::metadata(zip)?.len(),
            ours: fs::metadata(environment::authorizer())?.len(),
            sample: size_of_sample()?,
        })
    }
}

fn size_of_sample() -> Result<u64> {
    let sample = environment::sample().context("the sample's function is needed")?;
    let output = Command::new(sample.python)
        .arg(sample.folder.join("size.py"))
        .output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "the sample's size: {output:?}");
    Ok(said.trim().parse()?)
}
