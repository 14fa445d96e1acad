//! The pinned build tools, installed when they are missing.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    cargo,
    console::say,
    failure::{Failure, Result},
    places, process, programs,
};

pub(crate) const TRUNK: Tool = Tool {
    package: "trunk",
    program: "trunk",
    version: "0.21.14",
    // Its TLS and update check would double the build and are never used.
    arguments: &["--no-default-features"],
    minutes: 3,
};

/// Must equal the workspace's `wasm-bindgen`.
pub(crate) const WASM_BINDGEN: Tool = Tool {
    package: "wasm-bindgen-cli",
    program: "wasm-bindgen",
    version: "0.2.129",
    arguments: &[],
    minutes: 1,
};

/// Runs the tests of what only a browser can run.
pub(crate) const WASM_PACK: Tool = Tool {
    package: "wasm-pack",
    program: "wasm-pack",
    version: "0.15.1",
    arguments: &[],
    minutes: 2,
};

pub(crate) const CARGO_DENY: Tool = Tool {
    package: "cargo-deny",
    program: "cargo-deny",
    version: "0.20.2",
    arguments: &[],
    minutes: 4,
};

pub(crate) const CARGO_FUZZ: Tool = Tool {
    package: "cargo-fuzz",
    program: "cargo-fuzz",
    version: "0.13.2",
    arguments: &[],
    minutes: 1,
};

pub(crate) const MDBOOK: Tool = Tool {
    package: "mdbook",
    program: "mdbook",
    version: "0.5.4",
    arguments: &["--no-default-features", "--features=search"],
    minutes: 2,
};

pub(crate) const GECKODRIVER: Tool = Tool {
    package: "geckodriver",
    program: "geckodriver",
    version: "0.37.1",
    arguments: &[],
    minutes: 2,
};

/// Builds a tool in a third of the time of its own release profile. What it then
/// does takes seconds in either case.
const QUICK_BUILD: [(&str, &str); 3] = [
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
];

const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// A program from a package registry, of exactly one version.
#[derive(Debug)]
pub(crate) struct Tool {
    package: &'static str,
    program: &'static str,
    version: &'static str,
    /// For a build from source.
    arguments: &'static [&'static str],
    /// How long a build from source takes on two idle cores.
    minutes: u32,
}

/// Returns the path of `tool`, after installing it if need be.
///
/// What is already there is used; then a prebuilt binary, where cargo-binstall
/// is installed and can reach one; then a build from source.
pub(crate) fn ensure(tool: &Tool) -> Result<PathBuf> {
    if let Some(program) = find(tool)? {
        return Ok(program);
    }
    let root = root()?;
    let own = installed(tool)?;
    if !install_prebuilt(tool, &root) || !programs::is_version(&own, tool.version) {
        install_from_source(tool, &root)?;
    }
    Ok(own)
}

/// Returns how long it takes to install what of `tools` is missing, from source on
/// two idle cores, in minutes.
pub(crate) fn minutes(tools: &[&Tool]) -> Result<u32> {
    let mut minutes = 0;
    for tool in tools {
        if find(tool)?.is_none() {
            minutes += tool.minutes;
        }
    }
    Ok(minutes)
}

/// Makes sure that the compiler can build for the browser.
pub(crate) fn ensure_wasm_target() -> Result<()> {
    ensure_target(WASM_TARGET)
}

/// Makes sure that the compiler can build for `target`.
pub(crate) fn ensure_target(target: &str) -> Result<()> {
    let sysroot = process::answer(
        Command::new("rustc")
            .args(["--print", "sysroot"])
            .current_dir(places::workspace()),
    );
    let library = sysroot.map(|folder| {
        PathBuf::from(folder.trim())
            .join("lib/rustlib")
            .join(target)
    });
    if library.is_some_and(|folder| folder.is_dir()) {
        return Ok(());
    }
    if programs::find(&["rustup"]).is_none() {
        return Err(Failure::because(format!(
            "the compiler has no target {target} and rustup is not installed: \
             install rustup, or your system's package with that target"
        )));
    }
    say(format!("adding the compiler's target {target}"));
    let mut command = Command::new("rustup");
    command
        .args(["target", "add", target])
        .current_dir(places::workspace());
    process::run("`rustup target add`", &mut command)
}

/// Returns the path of `tool`, if it is there in its version.
fn find(tool: &Tool) -> Result<Option<PathBuf>> {
    let present = programs::find(&[tool.program]);
    let mut present = present.into_iter().chain([installed(tool)?]);
    Ok(present.find(|path| programs::is_version(path, tool.version)))
}

fn root() -> Result<PathBuf> {
    Ok(places::cache()?.join("tools"))
}

fn installed(tool: &Tool) -> Result<PathBuf> {
    Ok(root()?.join("bin").join(tool.program))
}

fn install_prebuilt(tool: &Tool, root: &Path) -> bool {
    if process::answer(cargo::bare().args(["binstall", "-V"])).is_none() {
        return false;
    }
    say(format!("fetching {} {}", tool.package, tool.version));
    let mut command = cargo::bare();
    command
        .args(["binstall", "--no-confirm", "--disable-telemetry"])
        // Neither builds by third parties nor a build from source with its own rules.
        .args(["--strategies", "crate-meta-data"])
        .args(["--version", tool.version, "--root"])
        .args([root.as_os_str(), tool.package.as_ref()]);
    process::run("`cargo binstall`", &mut command).is_ok()
}

fn install_from_source(tool: &Tool, root: &Path) -> Result<()> {
    let Tool {
        package,
        version,
        minutes,
        ..
    } = tool;
    say(format!(
        "installing {package} {version} from source into {} (once; about {minutes} min)",
        root.display()
    ));
    let mut command = cargo::bare();
    command
        .args(["install", "--locked", "--version", version, "--root"])
        .arg(root)
        .args(tool.arguments)
        .arg(package)
        .envs(QUICK_BUILD);
    process::run("`cargo install`", &mut command).map_err(|failure| match failure {
        Failure::Interrupted => failure,
        Failure::Because(_) => Failure::because(format!(
            "{package} {version} could not be installed (cargo's words are above): \
             check the network and run the command again"
        )),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wasm_bindgen_matches_the_workspace() {
        let manifest = std::fs::read_to_string(places::workspace().join("Cargo.toml")).unwrap();
        let pin = format!("wasm-bindgen = \"={}\"", WASM_BINDGEN.version);
        assert!(manifest.contains(&pin), "Cargo.toml does not say {pin}");
    }
}
