//! An emulator of AWS to which the scripts deploy, and what it recorded.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::{Value, json};
use shell_core::Config;
use shell_tests::{child::Program, environment};
use tempfile::TempDir;

/// The only region in which the emulator's zones have their real names.
const REGION: &str = "us-east-1";

/// A deployment's own settings.
pub(crate) const FRAMER: &str = "https://d-example.studio.us-east-1.sagemaker.aws";

/// How a script ended.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) succeeded: bool,
    pub(crate) said: String,
    pub(crate) complained: String,
}

/// One resource, as an API was asked to make or change it.
#[derive(Debug)]
pub(crate) struct Made {
    pub(crate) kind: String,
    /// What the template's `Ref` gives, of what the emulator cannot make.
    pub(crate) name: String,
    pub(crate) operation: String,
    /// Whether the emulator made it; if not, the API would take the parameters.
    pub(crate) is_real: bool,
    pub(crate) with: Value,
}

/// An emulator, and a folder for what the scripts read and write.
pub(crate) struct Cloud {
    url: String,
    python: PathBuf,
    folder: TempDir,
    _program: Program,
}

impl Cloud {
    /// Starts the emulator, empty; `None` if it is not installed.
    pub(crate) fn start() -> Option<Self> {
        let python = environment::moto()?;
        let folder = tempfile::tempdir().expect("there is room");
        let mut command = Command::new(&python);
        command
            .args(["-B", "tests/support/cloud/serve.py"])
            .arg(folder.path().join("record"))
            .current_dir(environment::workspace())
            // It notes every request there.
            .stderr(Stdio::null());
        let started = Program::start(&mut command, |line| {
            line.strip_prefix("ready ")?.parse::<u16>().ok()
        });
        let (program, port) = started.expect("the emulator starts");
        Some(Self {
            url: format!("http://127.0.0.1:{port}"),
            python,
            folder,
            _program: program,
        })
    }

    /// Deploys with these settings, beside what every deployment needs.
    pub(crate) fn deploy(&self, settings: &Value, arguments: &[&str]) -> Output {
        let mut all = json!({ "DomainPrefix": "example-mlflow", "Image": "mlflow:3.18.0" });
        let more = settings.as_object().expect("settings are an object");
        all.as_object_mut().expect("it is one").extend(more.clone());
        fs::write(self.path("settings.json"), all.to_string()).expect("there is room");
        fs::write(self.path("authorizer.zip"), EMPTY_ZIP).expect("there is room");
        let (settings, zip) = (self.path("settings.json"), self.path("authorizer.zip"));
        let own = ["--settings", &settings, "--authorizer", &zip];
        self.run("deploy/deploy.py", &[&own, arguments].concat())
    }

    /// Deploys with these settings alone, and without an authorizer.
    pub(crate) fn deploy_only(&self, settings: &Value, arguments: &[&str]) -> Output {
        let file = self.path("settings.json");
        fs::write(&file, settings.to_string()).expect("there is room");
        self.run(
            "deploy/deploy.py",
            &[&["--settings", &file], arguments].concat(),
        )
    }

    /// Writes `config.json`, and has the product read it.
    pub(crate) fn configure(&self, arguments: &[&str]) -> Config {
        let file = self.path("config.json");
        let output = self.run(
            "deploy/configure.py",
            &[&["--out", &file], arguments].concat(),
        );
        assert!(output.succeeded, "{output:?}");
        let text = fs::read_to_string(file).expect("it was written");
        Config::parse(&text).expect("the product takes it")
    }

    /// How long each file of a site is kept, as it is uploaded.
    pub(crate) fn caching(&self, names: &[&str]) -> Vec<String> {
        let ask = "import sys; from upload import caching; \
                   print(*map(caching, sys.argv[1:]), sep='\\n')";
        let said = self.python(ask, names);
        said.lines().map(str::to_owned).collect()
    }

    /// Asks the emulator by a program in Python, which prints JSON.
    pub(crate) fn ask(&self, program: &str) -> Value {
        let said = self.python(program, &[&self.url]);
        serde_json::from_str(&said).expect("it prints JSON")
    }

    fn python(&self, program: &str, arguments: &[&str]) -> String {
        let output = Command::new(&self.python)
            .args(["-B", "-c", program])
            .args(arguments)
            .current_dir(environment::workspace().join("deploy"))
            .output()
            .expect("Python starts");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs a script as an administrator with AWS credentials does.
    pub(crate) fn run(&self, script: &str, arguments: &[&str]) -> Output {
        let output = Command::new(&self.python)
            .args(["-B", script, "--endpoint-url", &self.url])
            .args(arguments)
            .current_dir(environment::workspace())
            // The developer may have settings for the real AWS.
            .env_clear()
            .env("HOME", self.folder.path())
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_DEFAULT_REGION", REGION)
            .env("AWS_ACCESS_KEY_ID", "testing")
            .env("AWS_SECRET_ACCESS_KEY", "testing")
            .output()
            .expect("the script starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let complained = text(&output.stderr);
        assert!(!complained.contains("Traceback"), "{complained}");
        Output {
            succeeded: output.status.success(),
            said: text(&output.stdout),
            complained,
        }
    }

    /// All that was made or changed so far, in order.
    pub(crate) fn record(&self) -> Vec<Made> {
        let text = fs::read_to_string(self.path("record")).unwrap_or_default();
        text.lines().map(read).collect()
    }

    /// What the last request about a kind had, of those that `is_meant`.
    pub(crate) fn last(&self, kind: &str, is_meant: impl Fn(&Made) -> bool) -> Value {
        let mut found = self.record().into_iter().rev();
        let found = found.find(|made| made.kind == kind && is_meant(made));
        found.unwrap_or_else(|| panic!("{kind} was made")).with
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: &str) -> String {
        let path: &Path = self.folder.path();
        path.join(name).display().to_string()
    }
}

fn read(line: &str) -> Made {
    let line: Value = serde_json::from_str(line).expect("a line is JSON");
    let text = |key: &str| line[key].as_str().expect("a text").to_owned();
    Made {
        kind: text("kind"),
        name: text("name"),
        operation: text("operation"),
        is_real: line["made"] == true,
        with: line["with"].clone(),
    }
}

/// An archive without files: the emulator does not start functions.
const EMPTY_ZIP: &[u8] = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
