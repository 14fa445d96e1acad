//! `cargo xtask ui`: MLflow's released UI among the site's own files.
//!
//! ```text
//! wheel ─▶ checked ─▶ target/mlflow-ui/VERSION ─▶ compressed ─▶ dist/mlflow
//! ```
//!
//! What is in `dist/mlflow` stays there when the site is built again: see
//! [`keep`].

mod findings;
mod note;
mod place;
mod releases;
mod urls;
mod wheel;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use clap::Args;

use self::{findings::Findings, note::Note, wheel::Wheel};
use crate::{
    console::say,
    failure::{Explain, Failure, Result},
    places,
    post_build::compress,
    site,
};

pub(crate) use self::place::{is_double, keep};

/// The document of the UI; every other file is below [`STATIC_FILES`].
const DOCUMENT: &str = "index.html";
const STATIC_FILES: &str = "static-files";

/// Its presence says that what compresses was compressed.
const COMPRESSED: &str = "compressed";

/// Which UI.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Which release, such as 3.18.0
    #[arg(long, value_name = "VERSION", required_unless_present = "remove")]
    mlflow: Option<String>,
    /// The release's wheel, if pip is not to download it
    #[arg(long, value_name = "FILE")]
    wheel: Option<PathBuf>,
    /// What the wheel's SHA-256 must be
    #[arg(long, value_name = "HASH")]
    sha256: Option<String>,
    /// Take the UI out of the site again
    #[arg(long, conflicts_with_all = ["mlflow", "wheel", "sha256"])]
    remove: bool,
}

/// Puts a UI into the site, which is built if need be.
pub(crate) fn run(options: &Options) -> Result<()> {
    let Some(version) = options.mlflow.as_deref().filter(|_| !options.remove) else {
        return place::remove();
    };
    let wheel = Wheel::find(version, options.wheel.as_deref(), options.sha256.as_deref())?;
    let folder = prepare(&wheel)?;
    compress(&folder)?;
    site::ensure()?;
    place::into(&folder, &places::site())?;
    say(format!(
        "the site has the UI of MLflow {version}, in {}",
        places::site().join(place::FOLDER).display()
    ));
    say(format!("config.json must say so: \"ui\": \"{version}\""));
    Ok(())
}

/// Puts the UI of the release `version` into the site in `folder`, for a host
/// that compresses by itself.
pub(crate) fn put(version: &str, folder: &Path) -> Result<()> {
    let wheel = Wheel::find(version, None, None)?;
    place::plainly(&prepare(&wheel)?, folder)
}

/// Returns a folder with the UI of `wheel`, which has been checked.
fn prepare(wheel: &Wheel) -> Result<PathBuf> {
    let folder = places::workspace()
        .join("target/mlflow-ui")
        .join(&wheel.version);
    if Note::read(&folder).is_ok_and(|note| note.is_of(wheel)) {
        say(format!("using the UI in {}", folder.display()));
        return Ok(folder);
    }
    let (maps, files): (BTreeMap<_, _>, BTreeMap<_, _>) = wheel
        .files()?
        .into_iter()
        .partition(|(name, _)| has_ending(name, "map"));
    if !files.contains_key(DOCUMENT) {
        return Err(Failure::because(format!(
            "{} has no {DOCUMENT} for the UI",
            wheel.path.display()
        )));
    }
    Findings::of(&files).report(&wheel.version)?;
    let note = Note::of(wheel, &files, maps.len());
    write(&folder, &files, &note).explain(|| format!("cannot write {}", folder.display()))?;
    say(note.to_string());
    Ok(folder)
}

fn write(folder: &Path, files: &BTreeMap<String, Vec<u8>>, note: &Note) -> std::io::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    for (name, content) in files {
        let path = folder.join(placed(name));
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, content)?;
    }
    // Last: it says that everything else is there.
    fs::write(folder.join(note::NAME), note.to_json())
}

/// Where a file of the release is below `/mlflow/`.
fn placed(name: &str) -> PathBuf {
    match name {
        DOCUMENT => PathBuf::from(DOCUMENT),
        other => Path::new(STATIC_FILES).join(other),
    }
}

fn compress(folder: &Path) -> Result<()> {
    let marker = folder.join(COMPRESSED);
    if marker.is_file() {
        return Ok(());
    }
    say("compressing it (once; a minute or two)");
    compress::folder(folder)?;
    fs::write(&marker, "").explain(|| format!("cannot write {}", marker.display()))
}

fn has_ending(name: &str, ending: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case(ending))
}

#[cfg(test)]
mod tests;
