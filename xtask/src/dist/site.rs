//! The site as a zip, for hosts that serve files and compress by themselves.
//!
//! It is deployed without building anything: `config.json` is put beside the
//! other files, or into the zip from the start.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use clap::Args;
use shell_core::Config;

use super::{archive, describe};
use crate::{
    amplify,
    failure::{Explain, Failure, Result},
    places, site,
};

/// The most that the shell may be, as the test of the built site counts it:
/// bytes of brotli, without what only others ask for and without MLflow's UI.
const BUDGET: u64 = 246_500;

/// What the site is to have.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The release of MLflow whose UI it is to have
    #[arg(long, value_name = "VERSION")]
    mlflow: Option<String>,
    /// The deployment's configuration, if it is known already
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Builds the site and packs it.
pub(super) fn run(options: &Options) -> Result<()> {
    let config = options.config.as_deref().map(read).transpose()?;
    if let Some((_, config)) = &config {
        fits(config, options.mlflow.as_deref())?;
    }
    site::ensure()?;
    within_budget(&places::site())?;
    let version = options.mlflow.as_deref();
    let name = version.map_or_else(String::new, |version| format!("-mlflow-{version}"));
    let whole = format!("mlflow-auth-shell{name}");
    let target = places::workspace().join("dist-site");
    let folder = target.join(&whole);
    amplify::assemble(&folder, version)?;
    if let Some((text, _)) = config {
        let file = folder.join("config.json");
        fs::write(&file, text).explain(|| format!("cannot write {}", file.display()))?;
    }
    let zip = target.join(format!("{whole}.zip"));
    File::create(&zip)
        .and_then(|file| archive::pack_folder(&folder, file))
        .explain(|| format!("cannot write {}", zip.display()))?;
    describe(&zip)
}

fn read(file: &Path) -> Result<(String, Config)> {
    let unreadable = || format!("cannot use {} (--config)", file.display());
    let text = fs::read_to_string(file).explain(unreadable)?;
    let config = Config::parse(&text).explain(unreadable)?;
    Ok((text, config))
}

/// A host of files has no MLflow behind it.
fn fits(config: &Config, version: Option<&str>) -> Result<()> {
    let said = config.ui.as_deref();
    if said == version {
        return Ok(());
    }
    let or_none = |version: Option<&str>| version.unwrap_or("none").to_owned();
    Err(Failure::because(format!(
        "the site is to have the UI of MLflow {} (--mlflow), but `ui` of the configuration \
         (--config) is {}: they must be the same",
        or_none(version),
        or_none(said)
    )))
}

fn within_budget(site: &Path) -> Result<()> {
    let unreadable = || format!("cannot read {}", site.display());
    let mut total = 0;
    for entry in fs::read_dir(site).explain(unreadable)? {
        let entry = entry.explain(unreadable)?;
        let is_brotli = entry.path().extension().is_some_and(|end| end == "br");
        if is_brotli {
            total += entry.metadata().explain(unreadable)?.len();
        }
    }
    if total == 0 || total > BUDGET {
        return Err(Failure::because(format!(
            "the shell in {} has {total} bytes of brotli, and may have 1 to {BUDGET}",
            site.display()
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_names_the_ui_that_is_packed() {
        let text = r#"{"origin": "https://mlflow.example.com", "ui": "3.18.0", "provider": {
            "domain": "https://login.example.com", "issuer": "https://issuer.example",
            "client_id": "client"}}"#;
        let config = Config::parse(text).unwrap();

        assert_eq!(fits(&config, Some("3.18.0")), Ok(()));
        for version in [None, Some("2.12.2")] {
            assert!(fits(&config, version).is_err(), "{version:?}");
        }
    }

    #[test]
    fn a_site_that_is_too_large_or_not_compressed_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(within_budget(folder.path()).is_err());
        fs::write(folder.path().join("sw.js.br"), "x").unwrap();
        assert_eq!(within_budget(folder.path()), Ok(()));
        let large = vec![0; usize::try_from(BUDGET).unwrap()];
        fs::write(folder.path().join("boot.js.br"), large).unwrap();
        assert!(within_budget(folder.path()).is_err());
    }
}
