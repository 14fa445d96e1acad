//! `amplify.yml` as it is written, in a fresh clone, with an empty home and no
//! variables but those that Amplify gives.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use serde_json::Value;

use super::{
    Run, Untested,
    native::{self, Wanted},
    sequence::Output,
};
use crate::{
    console::say,
    failure::{Explain, Failure, Result},
    moto, places, process, programs,
};

/// What Amplify sets, and what an administrator does.
const VARIABLES: &[(&str, &str)] = &[
    ("CI", "true"),
    ("AWS_APP_ID", "d1a2b3c4"),
    ("AWS_BRANCH", "main"),
    ("REACT_APP_REGION", "eu-central-1"),
    ("REACT_APP_COGNITO_USER_POOL_ID", "eu-central-1_Example"),
    ("REACT_APP_COGNITO_USER_POOL_CLIENT_ID", "1example23456789"),
    (
        "REACT_APP_COGNITO_IDENTITY_POOL_ID",
        "eu-central-1:00000000-0000-0000-0000-000000000000",
    ),
    ("COGNITO_DOMAIN", "example"),
    (
        "MLFLOW_API_URL",
        "https://a1b2.execute-api.eu-central-1.amazonaws.com/prod/",
    ),
    ("MLFLOW_VERSION", "3.18.0"),
    ("DOMAIN_ID", "d-example"),
];

/// How this machine reaches the network, which is no business of Amplify's.
const NETWORK: &[&str] = &[
    "CARGO_HTTP_CAINFO",
    "CURL_CA_BUNDLE",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NODE_EXTRA_CA_CERTS",
    "NO_PROXY",
    "PIP_CERT",
    "SSL_CERT_FILE",
    "https_proxy",
    "http_proxy",
    "no_proxy",
];

const PHASES: [&str; 3] = ["preBuild", "build", "postBuild"];

/// Prints a YAML file as JSON.
const TO_JSON: &str = "import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin)))";

/// Builds the site as Amplify does, and looks at what it serves.
pub(super) fn run(run: &Run, output: &Output) -> Result<Untested> {
    let tools = (moto::ensure()?, programs::find(&["git"]));
    let (Some(python), Some(git)) = tools else {
        let gap = "the build on Amplify, which needs git, Python 3.10 and a package index";
        return Ok(vec![gap.to_owned()]);
    };
    let clone = FreshClone {
        folder: places::workspace().join("target/amplify-test"),
        python,
    };
    let plan = clone.check_out(&git)?;
    for phase in PHASES {
        let commands = texts(&plan["frontend"]["phases"][phase]["commands"]);
        clone.phase(phase, &commands)?;
    }
    let headers = clone.yaml("customHttp.yml")?;
    let file = clone.sources().join("customHttp.json");
    fs::write(&file, headers.to_string()).explain(|| format!("cannot write {}", file.display()))?;
    let variables = [("SHELL_TEST_AMPLIFY", clone.sources().into())];
    let tests = Wanted::System(&["amplify"]);
    native::test(run, output, tests, &run.filter, &variables)?;
    Ok(Vec::new())
}

#[derive(Debug)]
struct FreshClone {
    folder: PathBuf,
    python: PathBuf,
}

impl FreshClone {
    fn sources(&self) -> PathBuf {
        self.folder.join("sources")
    }

    /// Makes a clone of what is committed, with what Amplify has kept of an
    /// earlier build, and returns `amplify.yml`.
    fn check_out(&self, git: &Path) -> Result<Value> {
        let (sources, old) = (self.sources(), self.folder.join("old"));
        let cannot_write = || format!("cannot write {}", self.folder.display());
        for folder in [&old, &self.folder.join("home")] {
            if folder.exists() {
                fs::remove_dir_all(folder).explain(cannot_write)?;
            }
        }
        fs::create_dir_all(self.folder.join("home")).explain(cannot_write)?;
        if sources.exists() {
            fs::rename(&sources, &old).explain(cannot_write)?;
        }
        let mut clone = Command::new(git);
        clone
            .args(["clone", "--quiet", "--no-hardlinks", "--depth=1"])
            .arg(format!("file://{}", places::workspace().display()))
            .arg(&sources);
        process::run("`git clone`", &mut clone)?;
        let plan = self.yaml("amplify.yml")?;
        for path in texts(&plan["cache"]["paths"])
            .iter()
            .chain(&texts(&plan["frontend"]["cache"]["paths"]))
        {
            let kept = path.trim_end_matches("/**/*");
            if old.join(kept).exists() {
                fs::rename(old.join(kept), sources.join(kept)).explain(cannot_write)?;
            }
        }
        Ok(plan)
    }

    /// Runs the commands of a phase in one shell, which no other phase sees.
    fn phase(&self, name: &str, commands: &[String]) -> Result<()> {
        if commands.is_empty() {
            return Ok(());
        }
        let start = Instant::now();
        let mut shell = Command::new("bash");
        shell
            .args(["-e", "-c", &commands.join("\n")])
            .current_dir(self.sources())
            .env_clear()
            .env("HOME", self.folder.join("home"))
            .env("PATH", path_without_rust()?)
            .envs(
                NETWORK
                    .iter()
                    .filter_map(|name| Some((name, env::var_os(name)?))),
            )
            .envs(VARIABLES.iter().copied());
        process::run(&format!("phase {name} of amplify.yml"), &mut shell)?;
        let took = start.elapsed().as_secs_f64();
        say(format!("phase {name} of amplify.yml took {took:.0} s"));
        Ok(())
    }

    fn yaml(&self, name: &str) -> Result<Value> {
        let path = self.sources().join(name);
        let unreadable = || format!("cannot read {}", path.display());
        let file = fs::File::open(&path).explain(unreadable)?;
        let output = Command::new(&self.python)
            .args(["-c", TO_JSON])
            .stdin(file)
            .output()
            .explain(unreadable)?;
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(Failure::because(format!("{}: {words}", unreadable())));
        }
        serde_json::from_slice(&output.stdout).explain(unreadable)
    }
}

fn texts(list: &Value) -> Vec<String> {
    let texts = list.as_array().into_iter().flatten();
    texts
        .filter_map(|text| text.as_str().map(ToOwned::to_owned))
        .collect()
}

/// Amplify's image has no Rust.
fn path_without_rust() -> Result<std::ffi::OsString> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).filter(|folder| !folder.join("cargo").exists());
    env::join_paths(folders).explain(|| "the search path cannot be changed".to_owned())
}
