//! The Python package, installed from its wheel and nothing else.

use std::{env, path::Path, process::Command};

use shell_tests::environment;
use tempfile::TempDir;

/// What MLflow's client looks for, and the class that it finds there.
const PLUGINS: &str = "
from importlib.metadata import entry_points
print(*(found.value for found in entry_points(group='mlflow.request_auth_provider')))
";

#[test]
fn every_python_installs_it_without_another_package() {
    let pythons = environment::pythons();
    assert!(!pythons.is_empty(), "`cargo xtask test package` finds one");
    for python in pythons {
        let environment = Installed::by(&python);
        let version = format!("mlflow-shell {}\n", env!("CARGO_PKG_VERSION"));
        assert_eq!(environment.run("mlflow-shell", &["--version"]), version);
        let module = ["-m", "mlflow_auth_shell", "--version"];
        assert_eq!(environment.run("python", &module), version);
        assert_eq!(
            environment.run("python", &["-c", PLUGINS]),
            "mlflow_auth_shell.plugin:ShellRequestAuthProvider\n"
        );
    }
}

#[test]
fn it_says_what_is_missing_to_try_it() {
    let python = environment::pythons().swap_remove(0);
    let environment = Installed::by(&python);
    let output = environment.command("mlflow-shell", &["up", "--demo"]);
    let output = { output }.output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("`pip install mlflow`"), "{said}");
}

/// A virtual environment with the package, gone when dropped.
pub(crate) struct Installed {
    folder: TempDir,
}

impl Installed {
    pub(crate) fn by(python: &Path) -> Self {
        let folder = tempfile::tempdir().expect("there is room");
        let made = Self { folder };
        let root = made.folder.path().to_str().expect("text");
        run(Command::new(python).args(["-m", "venv", root]));
        let wheel = env::var("SHELL_TEST_WHEEL").expect("`cargo xtask test package` builds it");
        made.run(
            "python",
            &["-m", "pip", "install", "--no-index", "--quiet", &wheel],
        );
        made
    }

    /// The program without another one of its name on the PATH.
    pub(crate) fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.folder.path().join("bin").join(program));
        command
            .args(arguments)
            .env_clear()
            .env("PATH", self.folder.path().join("bin"))
            .env("HOME", self.folder.path())
            .env("MLFLOW_DISABLE_TELEMETRY", "true")
            .current_dir(self.folder.path());
        command
    }

    pub(crate) fn run(&self, program: &str, arguments: &[&str]) -> String {
        run(&mut self.command(program, arguments))
    }
}

fn run(command: &mut Command) -> String {
    let output = command.output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    String::from_utf8(output.stdout).expect("text")
}
