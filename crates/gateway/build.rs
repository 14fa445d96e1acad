//! Finds the built site, if it is to be part of the program.

use std::{env, path::PathBuf};

/// Names the folder of another site than the workspace's own, as an absolute path.
const VARIABLE: &str = "MLFLOW_SHELL_SITE";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_EMBEDDED_SITE").is_some() {
        name_site();
    }
}

/// Tells the compiler where the site is.
fn name_site() {
    println!("cargo::rerun-if-env-changed={VARIABLE}");
    let site = site();
    println!("cargo::rerun-if-changed={}", site.display());
    if site.join("index.html").is_file() {
        println!("cargo::rustc-env={VARIABLE}={}", site.display());
    } else {
        println!(
            "cargo::error=no built site in {}: build it with `cargo xtask site`, name its folder \
             with {VARIABLE}, or leave out the feature embedded-site",
            site.display()
        );
    }
}

fn site() -> PathBuf {
    let named = env::var_os(VARIABLE).map(PathBuf::from);
    named.unwrap_or_else(|| {
        let package = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
        let mut folder = PathBuf::from(package);
        folder.pop();
        folder.pop();
        folder.join("dist")
    })
}
