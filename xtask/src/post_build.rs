//! Trunk's post-build hook: what a site needs and trunk does not do.
//!
//! 1. The worker's glue and module go into `sw.js`, so that its listeners are
//!    there when its first evaluation ends, and so that the browser's byte
//!    comparison of `sw.js` covers the module.
//! 2. `boot.js` is told what the page's glue and module are called. It takes the
//!    place of trunk's inline script, as the content security policy allows
//!    none inline (`pattern_script` in `Trunk.toml`).
//! 3. Files are named by their content: trunk's names are of what it began with.
//! 4. Of a release, names, scripts and style are minified, and all is precompressed.
//! 5. MLflow's UI stays, if the site had it.

pub(crate) mod compress;
mod names;
mod worker;

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use crate::{
    esbuild,
    failure::{Explain, Failure, Result},
    ui,
};

const PAGE_GLUE: &str = "@@page-glue@@";
const PAGE_MODULE: &str = "@@page-module@@";

/// Completes the folder that trunk names in `TRUNK_STAGING_DIR`.
pub(crate) fn run() -> Result<()> {
    let staging = env::var_os("TRUNK_STAGING_DIR").ok_or_else(|| {
        Failure::because(
            "TRUNK_STAGING_DIR is not set: `post-build` is called by trunk, see `cargo xtask site`",
        )
    })?;
    let staging = Path::new(&staging);
    let is_release = env::var_os("TRUNK_PROFILE").is_some_and(|profile| profile == "release");
    if is_release {
        minify(staging)?;
    }
    complete(staging)?;
    if is_release {
        compress::folder(staging)?;
    }
    // Not before: it is as it was released.
    ui::keep(staging)
}

fn minify(folder: &Path) -> Result<()> {
    let (glue, module) = (
        folder.join("shell-worker.js"),
        folder.join("shell-worker_bg.wasm"),
    );
    names::shorten(&glue, &module)?;
    esbuild::minify(&glue, &[])?;
    let glue = find(folder, "shell-app", ".js")?;
    names::shorten(&glue, &find(folder, "shell-app", "_bg.wasm")?)?;
    esbuild::minify(&glue, &["--format=esm"])?;
    esbuild::minify(&find(folder, "shell", ".css")?, &[])
}

fn complete(folder: &Path) -> Result<()> {
    embed_worker(folder)?;
    let module = name_by_content(folder, "shell-app", "_bg.wasm")?;
    let glue = name_by_content(folder, "shell-app", ".js")?;
    name_by_content(folder, "shell", ".css")?;
    let boot = folder.join("boot.js");
    let script = without_comments(&read_text(&boot)?);
    let script = fill(&script, PAGE_GLUE, &format!("/{glue}"))?;
    let script = fill(&script, PAGE_MODULE, &format!("/{module}"))?;
    write(&boot, script.as_bytes())?;
    name_by_content(folder, "boot", ".js").map(drop)
}

fn embed_worker(folder: &Path) -> Result<()> {
    let bootstrap = folder.join("sw.js");
    let glue = read_text(&folder.join("shell-worker.js"))?;
    let module = read(&folder.join("shell-worker_bg.wasm"))?;
    let script = without_comments(&read_text(&bootstrap)?);
    let whole = worker::embed(&script, &glue, &module)?;
    write(&bootstrap, whole.as_bytes())?;
    for file in files(folder)? {
        if name(&file).starts_with("shell-worker") {
            remove(&file)?;
        }
    }
    Ok(())
}

/// Names the file `START….END` of the page `START-HASH.END`, in the document
/// too, and returns the new name. Files with a hash in their name are cached
/// for ever.
fn name_by_content(folder: &Path, start: &str, end: &str) -> Result<String> {
    let file = find(folder, start, end)?;
    let new = format!("{start}-{}{end}", digest(&read(&file)?));
    let (old_path, new_path) = (format!("/{}", name(&file)), format!("/{new}"));
    let document = folder.join("index.html");
    let text = read_text(&document)?;
    if !text.contains(&old_path) {
        return Err(Failure::because(format!(
            "the built index.html does not refer to {old_path}"
        )));
    }
    write(&document, text.replace(&old_path, &new_path).as_bytes())?;
    fs::rename(&file, folder.join(&new)).explain(|| format!("cannot rename {}", file.display()))?;
    Ok(new)
}

/// Returns the first 16 hexadecimal digits of the SHA-256 of `bytes`.
fn digest(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))[..16].to_owned()
}

/// Puts `value` in place of the one `marker` in `script`.
fn fill(script: &str, marker: &str, value: &str) -> Result<String> {
    let parts: Vec<_> = script.split(marker).collect();
    let [before, after] = parts.as_slice() else {
        return Err(Failure::because(format!(
            "the script must contain {marker} once, and contains it {} times",
            parts.len() - 1
        )));
    };
    Ok(format!("{before}{value}{after}"))
}

/// Drops the lines that are nothing but comment.
fn without_comments(script: &str) -> String {
    let lines = script.split_inclusive('\n');
    lines
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect()
}

/// Returns the file in `folder` whose name begins and ends like this.
fn find(folder: &Path, start: &str, end: &str) -> Result<PathBuf> {
    let fits = |file: &PathBuf| {
        file.parent() == Some(folder) && name(file).starts_with(start) && name(file).ends_with(end)
    };
    let found = files(folder)?.into_iter().find(fits);
    found.ok_or_else(|| Failure::because(format!("trunk has written no {start}…{end}")))
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

fn remove(path: &Path) -> Result<()> {
    fs::remove_file(path).explain(|| format!("cannot remove {}", path.display()))
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).explain(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests;
