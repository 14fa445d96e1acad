//! Trunk's post-build hook: makes the staged files what a browser is sent.
//!
//! 1. Modules and glue lose what the site does not need, and are optimised.
//! 2. The worker's glue and module go into `sw.js`, so that its listeners are
//!    there when its first evaluation ends, and so that the browser's byte
//!    comparison of `sw.js` covers the module.
//! 3. The inline start script goes into a file: the content security policy
//!    allows no inline scripts.
//! 4. What compresses is compressed, once, as far as it goes.
//! 5. MLflow's UI stays, if the site had it.

pub(crate) mod compress;
mod document;
mod glue;
mod module;
mod panics;
mod reader;
mod sections;
mod worker;

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use self::{glue::Kind, module::Module};
use crate::{
    esbuild,
    failure::{Explain, Failure, Result},
    ui, wasm_opt,
};

/// The programs that fold uses. Each changes the file it is given.
#[derive(Debug, Clone, Copy)]
struct Tools {
    optimise: fn(&Path) -> Result<()>,
    minify: fn(&Path, &[&str]) -> Result<()>,
}

const TOOLS: Tools = Tools {
    optimise: wasm_opt::optimise,
    minify: esbuild::minify,
};

/// Folds the folder that trunk names in `TRUNK_STAGING_DIR`.
pub(crate) fn run() -> Result<()> {
    let staging = env::var_os("TRUNK_STAGING_DIR").ok_or_else(|| {
        Failure::because(
            "TRUNK_STAGING_DIR is not set: `fold` is called by trunk, see `cargo xtask site`",
        )
    })?;
    let staging = Path::new(&staging);
    fold(staging, TOOLS)?;
    // Not before: it is as it was released.
    ui::keep(staging)
}

fn fold(folder: &Path, tools: Tools) -> Result<()> {
    fold_worker(folder, tools)?;
    fold_page(folder, tools)?;
    fold_style(folder, tools)?;
    fold_document(folder)?;
    compress::folder(folder)
}

fn fold_worker(folder: &Path, tools: Tools) -> Result<()> {
    let bootstrap = folder.join("sw.js");
    let glue = folder.join("shell-worker.js");
    let module = folder.join("shell-worker_bg.wasm");
    shrink(&glue, &module, Kind::Worker, tools)?;
    let whole = worker::fold(&read_text(&bootstrap)?, &read_text(&glue)?, &read(&module)?)?;
    write(&bootstrap, whole.as_bytes())?;
    for file in files(folder)? {
        if name(&file).starts_with("shell-worker") {
            remove(&file)?;
        }
    }
    Ok(())
}

fn fold_page(folder: &Path, tools: Tools) -> Result<()> {
    let glue = find(folder, "shell-app-", ".js")?;
    let module = find(folder, "shell-app-", "_bg.wasm")?;
    shrink(&glue, &module, Kind::Page, tools)?;
    rename_by_content(&glue, "shell-app-", ".js")?;
    rename_by_content(&module, "shell-app-", "_bg.wasm")
}

fn fold_style(folder: &Path, tools: Tools) -> Result<()> {
    let style = find(folder, "shell-", ".css")?;
    (tools.minify)(&style, &[])?;
    rename_by_content(&style, "shell-", ".css")
}

/// Takes out of a module and its glue what the site does not need.
fn shrink(glue: &Path, module: &Path, kind: Kind, tools: Tools) -> Result<()> {
    let script = glue::with_one_start(&read_text(glue)?, kind)?;
    let script = glue::without_classes(&script);
    let mut whole = Module::read(&read(module)?)?;
    whole.cut_panics()?;
    whole.forget_places()?;
    whole.forget_formats()?;
    whole.keep_exports(|name| glue::uses(&script, name))?;
    write(module, &whole.write())?;
    (tools.optimise)(module)?;

    let mut small = Module::read(&read(module)?)?;
    small.require_no_formats()?;
    let script = glue::with_imports(&script, &small.imports()?);
    let renamed = small.rename(glue::is_own_name)?;
    small.strip();
    write(module, &small.write())?;
    let script = glue::offering(&glue::renamed(&script, &renamed))?;
    write(glue, glue::slim(&script).as_bytes())?;
    match kind {
        Kind::Page => (tools.minify)(glue, &["--format=esm"]),
        Kind::Worker => (tools.minify)(glue, &[]),
    }
}

/// Names a file of the page by what it now is: files with a hash in their name
/// are cached for ever.
fn rename_by_content(file: &Path, start: &str, end: &str) -> Result<()> {
    let content = read(file)?;
    let (old, new) = (name(file), format!("{start}{}{end}", digest(&content)));
    remove(file)?;
    write(&file.with_file_name(&new), &content)?;
    let document = file.with_file_name("index.html");
    let text = read_text(&document)?.replace(&old, &new);
    write(&document, text.as_bytes())
}

fn fold_document(folder: &Path) -> Result<()> {
    let path = folder.join("index.html");
    let document = document::fold(&read_text(&path)?)?;
    write(&folder.join(&document.boot_name), document.boot.as_bytes())?;
    write(&path, document.html.as_bytes())
}

/// Returns the first 16 hexadecimal digits of the SHA-256 of `bytes`.
fn digest(bytes: &[u8]) -> String {
    let digits = Sha256::digest(bytes);
    digits[..8]
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// Returns the file of `folder` whose name begins and ends like this.
fn find(folder: &Path, start: &str, end: &str) -> Result<PathBuf> {
    let fits = |file: &PathBuf| name(file).starts_with(start) && name(file).ends_with(end);
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
