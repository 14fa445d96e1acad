//! What people put into `SageMaker` Studio: the script does what it says, to a
//! home that is empty and to one that is not.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use shell_tests::environment;
use tempfile::TempDir;

const URL: &str = "https://mlflow.example.com";

/// The most that Studio takes of a script, encoded.
const LONGEST: usize = 16_384;

/// Stands for the Python beside `JupyterLab`, and notes what it was to do.
const PYTHON: &str = "#!/bin/sh\necho \"$@\" >> \"$HOME/asked\"\n";

/// Stands for the AWS client: copies nothing unless it is from our bucket.
const AWS: &str = "#!/bin/sh\n\
    [ \"$1 $2 $3\" = 's3 cp --only-show-errors' ] || exit 2\n\
    case $4 in s3://ours/*) echo wheel >\"$5\" ;; *) exit 1 ;; esac\n";

/// The wheel of the Python package, and how it is installed.
const WHEEL: &str = "mlflow_auth_shell-1-py3-none-any.whl";
const INSTALL: &str = "-m pip install --quiet --disable-pip-version-check";
const PROXY: &str = "jupyter-server-proxy==4.6.0";

/// Where `JupyterLab`'s server finds its settings in a home.
const CONFIG: &str = ".jupyter/jupyter_server_config.py";

/// A home in which the script runs, and a `JupyterLab` that is not one.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().expect("there is room"));
        home.put("bin/jupyter-lab", "#!/bin/sh\n");
        home.put("bin/python", PYTHON);
        home.put("bin/aws", AWS);
        home
    }

    /// Writes a file that can be run, if that is what it is for.
    fn put(&self, file: &str, content: &str) {
        let path = self.0.path().join(file);
        let folder = path.parent().expect("it is in the home");
        fs::create_dir_all(folder).expect("folders can be made");
        fs::write(&path, content).expect("files can be written");
        let everyone = fs::Permissions::from_mode(0o755);
        fs::set_permissions(&path, everyone).expect("the file is ours");
    }

    fn run(&self, url: &str) -> Output {
        self.run_with_wheel(url, "")
    }

    fn run_with_wheel(&self, url: &str, wheel: &str) -> Output {
        let programs = self.0.path().join("bin");
        Command::new("bash")
            .arg(studio().join("on-start.sh"))
            .env("PATH", format!("{}:/usr/bin:/bin", programs.display()))
            .env("HOME", self.0.path())
            .env_remove("JUPYTER_CONFIG_DIR")
            .env("MLFLOW_SHELL_URL", url)
            .env("MLFLOW_SHELL_WHEEL", wheel)
            .output()
            .expect("the script starts")
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.0.path().join(file)).unwrap_or_default()
    }
}

#[test]
fn the_script_installs_the_extension_beside_jupyterlab() {
    let home = Home::new();

    let output = home.run(URL);

    assert!(output.status.success(), "{output:?}");
    let expected = format!("{INSTALL} jupyterlab_iframe==0.5.0\n");
    assert_eq!(home.read("asked"), expected);
}

#[test]
fn with_a_wheel_the_script_installs_the_tile_and_no_extension() {
    let https = format!("https://files.example.com/{WHEEL}#sha256=00");
    for wheel in [&format!("/opt/{WHEEL}"), &https] {
        let home = Home::new();
        home.run(URL);

        let output = home.run_with_wheel(URL, wheel);

        assert!(output.status.success(), "{output:?}");
        let asked = home.read("asked");
        assert!(
            asked.ends_with(&format!("\n{INSTALL} {PROXY} {wheel}\n")),
            "{asked}"
        );
        let expected = format!(
            "# mlflow shell: begin\nimport os\nos.environ['MLFLOW_SHELL_URL'] = '{URL}'\n\
             # mlflow shell: end\n"
        );
        assert_eq!(home.read(CONFIG), expected);
    }
}

#[test]
fn a_wheel_in_a_bucket_is_copied_under_its_name_and_removed_again() {
    let home = Home::new();

    let output = home.run_with_wheel(URL, &format!("s3://ours/tools/{WHEEL}"));

    assert!(output.status.success(), "{output:?}");
    let asked = home.read("asked");
    let copy = asked
        .trim_end()
        .strip_prefix(&format!("{INSTALL} {PROXY} "));
    let copy = Path::new(copy.expect(&asked));
    assert!(copy.ends_with(WHEEL) && !copy.exists(), "{asked}");

    let home = Home::new();
    let output = home.run_with_wheel(URL, &format!("s3://others/{WHEEL}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("must be allowed to read it"), "{said}");
    assert_eq!(home.read("asked") + home.read(CONFIG).as_str(), "");
}

#[test]
fn a_wheel_that_is_none_is_refused_before_anything_is_done() {
    let plain = format!("http://files.example.com/{WHEEL}");
    for wheel in ["mlflow-auth-shell", "--upgrade", WHEEL, &plain] {
        let home = Home::new();

        let output = home.run_with_wheel(URL, wheel);

        assert!(!output.status.success(), "{wheel}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("MLFLOW_SHELL_WHEEL is no path"), "{said}");
        assert_eq!(home.read("asked") + home.read(CONFIG).as_str(), "");
    }
}

#[test]
fn the_script_writes_the_settings_that_are_also_there_to_copy() {
    let home = Home::new();
    home.run(URL);

    let settings = fs::read_to_string(studio().join("jupyter_server_config.py")).unwrap();
    let expected = format!(
        "# mlflow shell: begin\nimport os\nos.environ['MLFLOW_SHELL_URL'] = '{URL}'\n{settings}\
         # mlflow shell: end\n"
    );
    assert_eq!(home.read(CONFIG), expected);
}

#[test]
fn running_the_script_again_replaces_its_own_settings_and_no_others() {
    let home = Home::new();
    let others = "c.ServerApp.terminals_enabled = False";
    home.put(CONFIG, others);

    home.run("https://old.example.com");
    home.run(URL);
    let once = home.read(CONFIG);
    home.run(URL);

    assert_eq!(home.read(CONFIG), once);
    assert!(once.starts_with(&format!("{others}\n# mlflow shell: begin\n")));
    assert!(once.contains(URL) && !once.contains("old.example.com"));
}

#[test]
fn an_address_that_is_none_is_refused_before_anything_is_done() {
    let table = [
        ("", "is empty: set it at the top"),
        ("http://mlflow.example.com", "must begin with https://"),
        ("https://", "must begin with https://"),
        ("https://a.example/'; import evil #", "is not an address"),
    ];
    for (url, sentence) in table {
        let home = Home::new();

        let output = home.run(url);

        assert!(!output.status.success(), "{url}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(sentence), "{url}: {said}");
        assert_eq!(home.read("asked") + home.read(CONFIG).as_str(), "", "{url}");
    }
}

#[test]
fn studio_takes_a_script_of_that_length() {
    let script = fs::metadata(studio().join("on-start.sh")).unwrap();
    let encoded = usize::try_from(script.len()).unwrap().div_ceil(3) * 4;
    assert!(encoded <= LONGEST, "{encoded}");
}

fn studio() -> PathBuf {
    environment::workspace().join("deploy/studio")
}
