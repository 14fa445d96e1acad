//! The built site: the page, the worker and everything beside them.

use std::{
    env,
    ffi::OsString,
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, UNIX_EPOCH},
};

use sha2::{Digest, Sha256};

use crate::{
    cargo,
    console::say,
    esbuild,
    failure::{Explain, Result},
    places, process,
    tools::{self, TRUNK, WASM_BINDGEN},
    wasm_opt,
};

const RUSTFLAGS: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS";

const POLL: Duration = Duration::from_millis(200);

/// What the site is made of, below the workspace's root.
const SOURCES: &[&str] = &[
    "app",
    "assets",
    "crates/core",
    "crates/web",
    "crates/worker",
    "index.html",
    "Trunk.toml",
    "Cargo.toml",
    "Cargo.lock",
    "rust-toolchain.toml",
    "xtask/src/post_build",
    "xtask/src/post_build.rs",
    "xtask/src/esbuild.rs",
    "xtask/src/wasm_opt.rs",
];

/// Builds the site unless it is already built from these sources.
pub(crate) fn ensure() -> Result<()> {
    let _turn = take_turn()?;
    if is_current() {
        return Ok(());
    }
    build_and_stamp()
}

/// Returns how long it takes to install the tools that build the site, in minutes.
pub(crate) fn tool_minutes() -> Result<u32> {
    if is_current() {
        return Ok(0);
    }
    tools::minutes(&[&TRUNK, &WASM_BINDGEN])
}

/// Returns how long it takes to build the site, in minutes.
pub(crate) fn minutes() -> u32 {
    if is_current() { 0 } else { 3 }
}

/// Whether the site is built from the sources as they are.
fn is_current() -> bool {
    let is_built = places::site().join("index.html").is_file();
    let saved = fs::read_to_string(stamp_file());
    is_built && saved.is_ok_and(|saved| stamp().is_ok_and(|stamp| stamp == saved))
}

/// Builds the site.
pub(crate) fn build() -> Result<()> {
    let _turn = take_turn()?;
    build_and_stamp()
}

/// Builds the site for debugging, again whenever a source changes, until it is
/// stopped.
pub(crate) fn watch() -> Result<()> {
    let _turn = take_turn()?;
    // What is built now is for nothing but looking at.
    fs::remove_file(stamp_file()).ok();
    let mut command = trunk()?;
    say("building the site for debugging, whenever a source changes; Ctrl-C ends it");
    process::run("`trunk watch`", command.arg("watch"))
}

/// Waits for a build that another command has begun: both would use trunk's
/// one staging folder.
fn take_turn() -> Result<File> {
    let path = build_folder().join("site.lock");
    let cannot_lock = || format!("cannot lock {}", path.display());
    fs::create_dir_all(build_folder()).explain(cannot_lock)?;
    let file = File::create(&path).explain(cannot_lock)?;
    let mut is_told = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => {
                if !is_told {
                    say("waiting for the command that builds the site (`cargo xtask watch`?)");
                }
                is_told = true;
                process::pause(POLL)?;
            }
            Err(TryLockError::Error(error)) => return Err(error).explain(cannot_lock),
        }
    }
}

fn build_and_stamp() -> Result<()> {
    // Taken before the build, so that a change made meanwhile is not missed.
    let stamp = stamp()?;
    // Used by `post-build`: installed now, while nobody waits for a build.
    esbuild::ensure()?;
    let mut command = trunk()?;
    say("building the site (a few minutes the first time)");
    process::run("`trunk build`", command.args(["build", "--release"]))?;
    let file = stamp_file();
    fs::write(&file, stamp).explain(|| format!("cannot write {}", file.display()))
}

fn stamp_file() -> PathBuf {
    build_folder().join("site.stamp")
}

/// Returns the checkout's own folder for what builds leave behind, which no
/// other checkout shares.
fn build_folder() -> PathBuf {
    places::workspace().join("target")
}

/// Returns a command that runs trunk, with all that it needs.
fn trunk() -> Result<Command> {
    tools::ensure_wasm_target()?;
    let others = [tools::ensure(&WASM_BINDGEN)?, wasm_opt::ensure()?];
    let mut command = cargo::through(tools::ensure(&TRUNK)?, &others)?;
    // Trunk forbids cargo the network along with itself.
    cargo::run(&[
        "fetch",
        "--target=wasm32-unknown-unknown",
        "--target=host-tuple",
    ])?;
    command
        .env("RUST_BACKTRACE", "0")
        .env(RUSTFLAGS, cargo::without_paths()?);
    if env::var_os("NO_COLOR").is_some() {
        // Trunk takes the variable for a boolean and refuses the usual "1".
        command.env("NO_COLOR", OsString::from("true"));
    }
    Ok(command)
}

/// Returns a fingerprint of the sources by name, size and time of change.
fn stamp() -> Result<String> {
    let mut digest = Sha256::new();
    for source in SOURCES {
        add(&mut digest, &places::workspace().join(source))
            .explain(|| format!("cannot read {source}"))?;
    }
    Ok(format!("{:x}", digest.finalize()))
}

fn add(digest: &mut Sha256, path: &Path) -> std::io::Result<()> {
    let metadata = match fs::metadata(path) {
        // Trunk says what is missing better than this could.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        metadata => metadata?,
    };
    if metadata.is_dir() {
        let mut entries: Vec<_> = fs::read_dir(path)?.collect::<Result<_, _>>()?;
        entries.sort_by_key(fs::DirEntry::path);
        return entries
            .iter()
            .try_for_each(|entry| add(digest, &entry.path()));
    }
    let changed = metadata.modified()?.duration_since(UNIX_EPOCH);
    let changed = changed.unwrap_or_default().as_nanos();
    digest.update(format!("{} {} {changed}\n", path.display(), metadata.len()));
    Ok(())
}
