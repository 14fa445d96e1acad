//! Builds for other systems: cargo with Zig as the C compiler and linker, both
//! in a virtual environment.

use std::process::Command;

use crate::{
    cargo,
    failure::Result,
    places, process,
    python::{self, Environment, Purpose},
};

/// The version of the package `ziglang`.
pub(crate) const ZIG: &str = "0.15.2";

const CARGO_ZIGBUILD: &str = "0.24.0";

/// Builds `arguments` for `target`.
pub(crate) fn build(target: &str, arguments: &[&str]) -> Result<()> {
    let environment = ensure()?;
    let mut command = Command::new(environment.program("cargo-zigbuild"));
    command
        .args(["zigbuild", "--target", target])
        .args(arguments);
    prepare(&mut command, &environment, target)?;
    process::run("`cargo zigbuild`", &mut command)
}

/// Has `command`, which builds for `target` with Zig, find Zig in `environment`.
pub(crate) fn prepare(
    command: &mut Command,
    environment: &Environment,
    target: &str,
) -> Result<()> {
    command
        .env("CARGO_ZIGBUILD_PYTHON_PATH", environment.program("python"))
        .env("CARGO_ZIGBUILD_CACHE_DIR", places::cache()?.join("zig"))
        .env(rustflags(target), cargo::without_paths()?)
        .current_dir(places::workspace());
    cargo::hide_this_package(command);
    if let Some(target) = places::shared_target()? {
        command.env("CARGO_TARGET_DIR", target);
    }
    Ok(())
}

fn ensure() -> Result<Environment> {
    let purpose = Purpose {
        folder: &format!("zig-{ZIG}-cargo-zigbuild-{CARGO_ZIGBUILD}"),
        what: "Zig and cargo-zigbuild",
        takes: "a minute",
        question: "from importlib.metadata import version; \
                   print(version('ziglang'), version('cargo-zigbuild'))",
        versions: &format!("{ZIG} {CARGO_ZIGBUILD}"),
    };
    let packages = [
        format!("ziglang=={ZIG}"),
        format!("cargo-zigbuild=={CARGO_ZIGBUILD}"),
    ];
    python::ensure(&purpose, |environment| {
        environment.pip(&["install", &packages[0], &packages[1]])
    })
}

/// Returns the variable with the compiler's flags for `target`.
fn rustflags(target: &str) -> String {
    let target = target.to_uppercase().replace('-', "_");
    format!("CARGO_TARGET_{target}_RUSTFLAGS")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_for_one_target() {
        assert_eq!(
            rustflags("x86_64-unknown-linux-musl"),
            "CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_RUSTFLAGS"
        );
    }
}
