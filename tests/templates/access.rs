//! The script that writes the rights at the API.

use std::{fs, os::unix::fs::PermissionsExt, process::Command};

use shell_tests::environment;

use crate::cloud::Cloud;

/// A program that has something against its policy.
const REFUSES: &str = "#!/bin/sh\necho 'rule 3 names no group' >&2\nexit 1\n";

pub(crate) fn what_the_program_complains_of_is_passed_on(cloud: &Cloud) {
    let Some(python) = environment::moto() else {
        return;
    };
    let program = cloud.path("refuses");
    fs::write(&program, REFUSES).expect("there is room");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).expect("it is ours");
    let out = cloud.path("access.json");

    let output = Command::new(python)
        .args(["-B", "deploy/access.py", "--out", &out])
        .args(["--mlflow-shell", &program])
        .current_dir(environment::workspace())
        .output()
        .expect("Python starts");

    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(complained.starts_with("error: `"), "{complained}");
    let words = "failed: rule 3 names no group\n";
    assert!(complained.ends_with(words), "{complained}");
    assert!(fs::metadata(out).is_err());
}
