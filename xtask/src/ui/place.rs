//! A UI in a built site: put there, kept there, taken out again.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{COMPRESSED, note::Note};
use crate::{
    console::say,
    failure::{Explain, Result},
    places,
};

/// Where a site has it.
pub(crate) const FOLDER: &str = "mlflow";

/// Puts the UI in `from` into `site`, in place of any other.
pub(super) fn into(from: &Path, site: &Path) -> Result<()> {
    put(from, site, |_| true)
}

/// The same without the compressed doubles.
pub(super) fn plainly(from: &Path, site: &Path) -> Result<()> {
    put(from, site, |path| !is_double(path))
}

fn put(from: &Path, site: &Path, wanted: fn(&Path) -> bool) -> Result<()> {
    let to = site.join(FOLDER);
    let cannot_write = || format!("cannot write {}", to.display());
    clear(&to).explain(cannot_write)?;
    link(from, &to, wanted).explain(cannot_write)
}

/// Keeps the UI of the site that a build is about to replace: puts it into
/// `staging` as well. A build that starts from sources has none.
pub(crate) fn keep(staging: &Path) -> Result<()> {
    let old = places::site().join(FOLDER);
    let Ok(note) = Note::read(&old) else {
        return Ok(());
    };
    say(format!(
        "keeping the UI of MLflow {} (`cargo xtask ui --remove` takes it out)",
        note.version()
    ));
    let to = staging.join(FOLDER);
    link(&old, &to, |_| true).explain(|| format!("cannot write {}", to.display()))
}

/// Takes the UI out of the site.
pub(super) fn remove() -> Result<()> {
    let folder = places::site().join(FOLDER);
    clear(&folder).explain(|| format!("cannot remove {}", folder.display()))?;
    say("the site has no UI of MLflow's: it comes from the MLflow server");
    Ok(())
}

fn clear(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes `to` a tree of the same files: links where that can be.
fn link(from: &Path, to: &Path, wanted: fn(&Path) -> bool) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            link(&path, &target, wanted)?;
        } else if !path.ends_with(COMPRESSED) && wanted(&path) {
            link_or_copy(&path, target)?;
        }
    }
    Ok(())
}

fn link_or_copy(from: &Path, to: PathBuf) -> io::Result<()> {
    match fs::hard_link(from, &to) {
        Ok(()) => Ok(()),
        // Another file system.
        Err(_) => fs::copy(from, to).map(drop),
    }
}

/// Whether a file is another one, compressed.
pub(crate) fn is_double(path: &Path) -> bool {
    let ending = path.extension();
    ending.is_some_and(|ending| ending == "br" || ending == "gz")
        && path.with_extension("").exists()
}
