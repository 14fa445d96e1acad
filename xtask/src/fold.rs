//! Trunk's post-build hook: makes the staged files what a browser is sent.
//!
//! 1. The worker's glue and module go into `sw.js`, so that its listeners are
//!    there when its first evaluation ends, and so that the browser's byte
//!    comparison of `sw.js` covers the module.
//! 2. The inline start script goes into a file: the content security policy
//!    allows no inline scripts.
//! 3. What compresses is compressed, once, as far as it goes.

mod compress;
mod document;
mod glue;
mod worker;

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use crate::failure::{Explain, Failure, Result};

/// Folds the folder that trunk names in `TRUNK_STAGING_DIR`.
pub(crate) fn run() -> Result<()> {
    let staging = env::var_os("TRUNK_STAGING_DIR").ok_or_else(|| {
        Failure::because(
            "TRUNK_STAGING_DIR is not set: `fold` is called by trunk, see `cargo xtask site`",
        )
    })?;
    fold(Path::new(&staging))
}

fn fold(folder: &Path) -> Result<()> {
    fold_worker(folder)?;
    slim_page_glue(folder)?;
    fold_document(folder)?;
    compress::folder(folder)
}

fn fold_worker(folder: &Path) -> Result<()> {
    let bootstrap = folder.join("sw.js");
    let glue = read_text(&folder.join("shell-worker.js"))?;
    let module = read(&folder.join("shell-worker_bg.wasm"))?;
    let whole = worker::fold(&read_text(&bootstrap)?, &glue::slim(&glue), &module)?;
    write(&bootstrap, whole.as_bytes())?;
    for file in files(folder)? {
        if name(&file).starts_with("shell-worker") {
            fs::remove_file(&file).explain(|| format!("cannot remove {}", file.display()))?;
        }
    }
    Ok(())
}

fn fold_document(folder: &Path) -> Result<()> {
    let path = folder.join("index.html");
    let document = document::fold(&read_text(&path)?)?;
    write(&folder.join(&document.boot_name), document.boot.as_bytes())?;
    write(&path, document.html.as_bytes())
}

/// Slims the page's glue, and names it by what it now is: files with a hash in
/// their name are cached for ever.
fn slim_page_glue(folder: &Path) -> Result<()> {
    let document = folder.join("index.html");
    for file in files(folder)? {
        let old = name(&file);
        if old.starts_with("shell-app") && file.extension().is_some_and(|end| end == "js") {
            let slim = glue::slim(&read_text(&file)?);
            let new = format!("shell-app-{}.js", digest(slim.as_bytes()));
            fs::remove_file(&file).explain(|| format!("cannot remove {}", file.display()))?;
            write(&folder.join(&new), slim.as_bytes())?;
            write(
                &document,
                read_text(&document)?.replace(&old, &new).as_bytes(),
            )?;
        }
    }
    Ok(())
}

/// Returns the first 16 hexadecimal digits of the SHA-256 of `bytes`.
fn digest(bytes: &[u8]) -> String {
    let digits = Sha256::digest(bytes);
    digits[..8]
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// Returns every file below `folder`.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let unreadable = || format!("cannot read {}", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).explain(unreadable)? {
        let path = entry.explain(unreadable)?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}

fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).explain(|| format!("cannot read {}", path.display()))
}

fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).explain(|| format!("cannot read {}", path.display()))
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).explain(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests;
