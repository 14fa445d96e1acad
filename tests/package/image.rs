//! The image of `deploy/container/Containerfile`, built by podman.
//!
//! It is not started, which few machines let a test do: its one file is the
//! program that runs [confined](super::confined), under the same restrictions.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};
use shell_tests::environment;
use tempfile::TempDir;

use crate::outside::{NOBODY, program};

const IMAGE: &str = "localhost/mlflow-shell:test";

#[test]
fn the_image_has_one_file_which_nobody_in_particular_runs() {
    let Some(podman) = Podman::new() else { return };
    podman.build();

    let image = podman.run(&["inspect", IMAGE]);
    let image: Value = serde_json::from_str(&image).expect("JSON");
    let config = &image[0]["Config"];
    assert_eq!(config["User"], format!("{NOBODY}:{NOBODY}"));
    assert_eq!(config["Entrypoint"], json!(["/mlflow-shell"]));
    assert_eq!(config["Cmd"][0], "serve");
    assert_eq!(config["ExposedPorts"], json!({ "8080/tcp": {} }));
    let health = image[0]["Healthcheck"]["Test"].as_array();
    assert_eq!(
        health.expect("a health check")[..3],
        ["CMD", "/mlflow-shell", "health"]
    );

    let root = PathBuf::from(podman.run(&["image", "mount", IMAGE]).trim());
    let files = fs::read_dir(&root).expect("it is mounted");
    let files: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    assert_eq!(files, [root.join("mlflow-shell")]);
    assert_eq!(read(&files[0]), read(&program()));
    for path in [&root, &files[0]] {
        let metadata = fs::metadata(path).expect("it is there");
        assert_eq!(metadata.uid(), 0);
        assert_eq!(
            metadata.permissions().mode() & 0o7777,
            0o555,
            "{}",
            path.display()
        );
    }
}

/// Podman with a store of its own, gone when dropped.
struct Podman {
    program: PathBuf,
    store: TempDir,
}

impl Podman {
    /// Nothing if it is not here.
    fn new() -> Option<Self> {
        let program = environment::program("SHELL_TEST_PODMAN", "the image")?;
        let store = tempfile::tempdir().expect("there is room");
        Some(Self { program, store })
    }

    /// Builds as the Containerfile says.
    fn build(&self) {
        let program = program();
        let architecture = program.parent().expect("a folder");
        let context = architecture.parent().expect("a folder");
        let name = architecture.file_name().and_then(|name| name.to_str());
        let file = environment::workspace().join("deploy/container/Containerfile");
        let text = |path: &Path| path.to_str().expect("a path is text").to_owned();
        self.run(&[
            "build",
            "--isolation=chroot",
            "--format=docker",
            &format!("--build-arg=TARGETARCH={}", name.unwrap_or_default()),
            &format!("--file={}", text(&file)),
            &format!("--tag={IMAGE}"),
            &text(context),
        ]);
    }

    fn run(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().expect("podman starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
        String::from_utf8(output.stdout).expect("text")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let place = |name: &str| self.store.path().join(name).into_os_string();
        let mut command = Command::new(&self.program);
        command
            .args(["--storage-driver=vfs", "--cgroup-manager=cgroupfs"])
            .arg("--events-backend=none")
            .args(["--root".into(), place("root")])
            .args(["--runroot".into(), place("run")])
            .args(arguments);
        command
    }
}

impl Drop for Podman {
    fn drop(&mut self) {
        drop(self.command(&["image", "unmount", "--all"]).output());
    }
}

fn read(file: &Path) -> Vec<u8> {
    fs::read(file).expect("it can be read")
}
