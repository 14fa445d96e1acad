//! The Python package, installed from its wheel and nothing else.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use shell_tests::{child::Program, client, environment, server::free_port, terminal::Terminal};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

/// How long MLflow may take to start, with its demo data.
const START: Duration = Duration::from_mins(4);

const POLL: Duration = Duration::from_millis(200);

/// A first run, and what the server has of it.
const RUN: &str = "
import mlflow
mlflow.set_experiment('first')
with mlflow.start_run() as run:
    mlflow.log_metric('accuracy', 0.9)
print(mlflow.get_run(run.info.run_id).data.metrics['accuracy'])
";

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
    let mut up = environment.command("mlflow-shell", &["up", "--demo"]);
    let output = up.output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("`pip install mlflow`"), "{said}");
}

/// From the wheel to a logged run: MLflow with its demo data, a sign-in, the plugin.
#[tokio::test(flavor = "multi_thread")]
async fn a_first_user_tries_it_and_logs_a_run() {
    let mlflow = environment::python().expect("MLflow is installed");
    let installed = Installed::beside(&mlflow);
    let port = free_port().expect("a free port");
    let mut up = installed.command(
        "mlflow-shell",
        &["up", "--demo", "--port", &port.to_string()],
    );
    let _up = Program::spawn(up.stdout(Stdio::null())).expect("it starts");
    let site = format!("http://localhost:{port}");
    let serving = async {
        while client::get(&format!("{site}/healthz"), &[]).await.is_err() {
            sleep(POLL).await;
        }
    };
    timeout(START, serving).await.expect("everything starts");

    let terminal = Terminal::new(&installed.program("mlflow-shell"), &mlflow);
    let terminal = terminal.expect("there is room");
    let user = "mlflow-admin@example.com";
    terminal.sign_in(&site, user).expect("the user signs in");
    let mut run_of = installed.command("python", &["-c", RUN]);
    terminal.equip(&mut run_of);
    run_of
        .env("MLFLOW_TRACKING_URI", &site)
        .env("MLFLOW_TRACKING_AUTH", "shell");
    let printed = run(&mut run_of);
    assert_eq!(printed.lines().next_back(), Some("0.9"), "{printed}");
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

    /// With the packages of another environment, too: MLflow, which takes minutes to
    /// install.
    fn beside(mlflow: &Path) -> Self {
        let made = Self::by(mlflow);
        let packages = [
            "-c",
            "import sysconfig; print(sysconfig.get_path('purelib'))",
        ];
        let other = run(Command::new(mlflow).args(packages));
        let own = PathBuf::from(made.run("python", &packages).trim());
        fs::write(own.join("mlflow.pth"), other).expect("there is room");
        made
    }

    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder.path().join("bin").join(name)
    }

    /// The program without another one of its name on the PATH.
    pub(crate) fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.program(program));
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
