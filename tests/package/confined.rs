//! In a root that has one program, that nobody may write to, as nobody in
//! particular: what `FROM scratch`, read-only and non-root come to.

use std::{
    fs,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::PathBuf,
    process::{Command, Output},
};

use shell_tests::{child::Program, environment};
use tempfile::TempDir;

use crate::outside::{NOBODY, Outside, is_root, program};

#[tokio::test(flavor = "multi_thread")]
async fn the_program_needs_nothing_but_itself_and_its_configuration() {
    let Some(jail) = Jail::new() else { return };
    let outside = Outside::new().await;
    let mut command = jail.command(&outside, &["serve", "--config", "/etc/config.json"]);
    command.args(["--listen", &outside.listen, "--upstream", &outside.upstream]);
    let _gateway = Program::spawn(&mut command).expect("it starts");
    outside.expect_the_built_site().await;

    let health = jail.run(&outside, &["health", "--url", &outside.origin]);
    assert!(health.status.success(), "{health:?}");
    let smoke = jail.run(&outside, &["smoke", "--url", &outside.origin]);
    let said = String::from_utf8_lossy(&smoke.stdout);
    assert!(smoke.status.success() && said.contains("sign-in"), "{said}");
}

/// Otherwise the other test would show nothing.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_can_be_written_where_it_runs() {
    let Some(jail) = Jail::new() else { return };
    let outside = Outside::new().await;
    let serve = [
        "serve",
        "--config",
        "/etc/config.json",
        "--audit-log",
        "/audit.log",
    ];
    let mut command = jail.command(&outside, &serve);
    let written = command.args(["--upstream", &outside.upstream]).output();
    let said = String::from_utf8(written.expect("it starts").stderr).expect("text");
    assert!(
        said.contains("the audit log cannot be written to `/audit.log`")
            && said.contains("Read-only"),
        "{said}"
    );
    let unwell = jail.run(&outside, &["health", "--url", &outside.origin]);
    assert!(!unwell.status.success(), "{unwell:?}");
}

/// A root with the program in it.
struct Jail {
    root: TempDir,
    bwrap: PathBuf,
}

impl Jail {
    /// Nothing if it cannot be made here.
    fn new() -> Option<Self> {
        let bwrap = environment::program("SHELL_TEST_BWRAP", "the program on its own")?;
        let root = tempfile::tempdir().expect("there is room");
        let inside = root.path().join("mlflow-shell");
        fs::copy(program(), &inside).expect("there is room");
        fs::create_dir(root.path().join("etc")).expect("there is room");
        for path in [root.path(), &inside] {
            fs::set_permissions(path, PermissionsExt::from_mode(0o555)).expect("it is ours");
        }
        Some(Self { root, bwrap })
    }

    /// The program inside, with the network and nothing else of the machine's.
    fn command(&self, outside: &Outside, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.bwrap);
        command
            .args([
                "--unshare-all",
                "--share-net",
                "--die-with-parent",
                "--clearenv",
            ])
            .args(["--cap-drop", "ALL", "--ro-bind"])
            .args([self.root.path().as_os_str(), "/".as_ref()])
            .arg("--ro-bind")
            .args([outside.folder().as_os_str(), "/etc".as_ref()])
            .args(["--chdir", "/", "/mlflow-shell"])
            .args(arguments);
        if is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }

    fn run(&self, outside: &Outside, arguments: &[&str]) -> Output {
        let output = self.command(outside, arguments).output();
        output.expect("bubblewrap starts")
    }
}
