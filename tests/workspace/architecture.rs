//! Which crate may depend on which, and what keeps `core` pure.

use std::{collections::BTreeMap, fs, process::Command};

use shell_tests::environment;

/// What each crate may depend on inside the workspace.
///
/// Adding an edge here is an architectural decision: say so in
/// `docs/ARCHITECTURE.md` too.
const ALLOWED: &[(&str, &[&str])] = &[
    ("shell-app", &["shell-core", "shell-web"]),
    ("shell-authorizer", &["shell-core", "shell-jose"]),
    (
        "shell-cli",
        &["shell-core", "shell-gateway", "shell-idp", "shell-jose"],
    ),
    ("shell-core", &[]),
    ("shell-gateway", &["shell-core", "shell-jose"]),
    ("shell-idp", &["shell-core", "shell-jose"]),
    ("shell-jose", &["shell-core"]),
    (
        "shell-tests",
        &[
            "shell-cli",
            "shell-core",
            "shell-gateway",
            "shell-idp",
            "shell-jose",
        ],
    ),
    ("shell-web", &["shell-core"]),
    ("shell-worker", &["shell-core", "shell-web"]),
    ("xtask", &["shell-core", "shell-jose"]),
];

/// What `core` may not do, by a function that does it.
const IMPURE: &[&str] = &["std::time::SystemTime::now", "std::time::Instant::now"];

#[test]
fn dependencies_point_inwards() {
    let allowed: BTreeMap<_, _> = ALLOWED.iter().copied().collect();

    for (package, dependencies) in workspace_dependencies() {
        let permitted = allowed
            .get(package.as_str())
            .unwrap_or_else(|| panic!("`{package}` is missing from ALLOWED"));
        for dependency in dependencies {
            assert!(
                permitted.contains(&dependency.as_str()),
                "`{package}` must not depend on `{dependency}`",
            );
        }
    }
}

#[test]
fn the_development_provider_is_not_in_a_default_build() {
    let manifest = environment::workspace().join("crates/cli/Cargo.toml");
    let manifest = fs::read_to_string(manifest).expect("the program has a manifest");

    assert!(manifest.contains("dev-idp = [\"dep:shell-idp\"]"));
    assert!(manifest.contains("shell-idp = { workspace = true, optional = true }"));
    assert!(!manifest.contains("default = ["));
}

#[test]
fn core_may_read_no_clock() {
    let lints = environment::workspace().join("crates/core/clippy.toml");
    let lints = fs::read_to_string(lints).expect("core has lints of its own");

    for function in IMPURE {
        assert!(lints.contains(function), "{function} is not forbidden");
    }
}

fn workspace_dependencies() -> BTreeMap<String, Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version=1"])
        .current_dir(environment::workspace())
        .output()
        .expect("cargo runs");
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).expect("cargo prints JSON");

    let packages = metadata["packages"].as_array().expect("a package list");
    packages
        .iter()
        .map(|package| (text(&package["name"]), local_dependencies(package)))
        .collect()
}

fn local_dependencies(package: &serde_json::Value) -> Vec<String> {
    let dependencies = package["dependencies"].as_array().expect("a list");
    dependencies
        .iter()
        .filter(|dependency| !dependency["path"].is_null())
        .map(|dependency| text(&dependency["name"]))
        .collect()
}

fn text(value: &serde_json::Value) -> String {
    value.as_str().expect("a string").to_owned()
}
