//! A user pool in an emulator, and the script to be run on it.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use serde_json::{Value, json};
use shell_tests::{cognito::Cognito, environment};
use tempfile::TempDir;

/// The sample users, and their groups.
pub(super) const SAMPLE: [(&str, &str); 3] = [
    ("mlflow-admin@example.com", "admins"),
    ("mlflow-reader@example.com", "readers"),
    ("mlflow-model-approver@example.com", "model-approvers"),
];

/// How the script ended.
#[derive(Debug)]
pub(super) struct Output {
    pub(super) status: i32,
    pub(super) said: String,
    pub(super) complained: String,
}

/// A pool whose name is the AWS sample's, and the Cognito it is in.
pub(super) struct Pool {
    pub(super) cognito: Cognito,
    pub(super) id: String,
    home: TempDir,
}

impl Pool {
    /// A pool like the AWS sample's; nothing if there is no emulator.
    pub(super) async fn start() -> Option<Self> {
        let policy = json!({ "MinimumLength": 24, "TemporaryPasswordValidityDays": 3 });
        let settings = json!({
            "UsernameAttributes": ["email"],
            "Policies": { "PasswordPolicy": policy },
        });
        Self::start_with(settings).await
    }

    /// A pool that is set up otherwise.
    pub(super) async fn start_with(settings: Value) -> Option<Self> {
        let cognito = Cognito::start()?;
        let id = cognito.create_pool("mlflow-user-pool", settings).await;
        let home = tempfile::tempdir().expect("there is room");
        Some(Self { cognito, id, home })
    }

    /// Runs the script on this pool.
    pub(super) fn run(&self, arguments: &[&str]) -> Output {
        self.run_with(arguments, "")
    }

    /// Runs the script on this pool, and tells it what it asks.
    pub(super) fn run_with(&self, arguments: &[&str], input: &str) -> Output {
        let pool = ["--user-pool-id", &self.id];
        let command = self.command(&[&pool[..], arguments].concat());
        finish(command, input)
    }

    /// Runs the script on the pool that it finds.
    pub(super) fn cognito_run(&self, arguments: &[&str]) -> Output {
        finish(self.command(arguments), "")
    }

    /// The script as an administrator with AWS credentials starts it.
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        self.script("users.py", arguments)
    }

    /// A script of the folder, likewise.
    pub(super) fn script(&self, name: &str, arguments: &[&str]) -> Command {
        let folder = environment::workspace().join("deploy/users");
        let mut command = Command::new(&self.cognito.python);
        command
            .arg("-B")
            .arg(folder.join(name))
            .args(["--endpoint-url", &self.cognito.url])
            .args(arguments)
            // The developer may have settings for the real AWS.
            .env_clear()
            .env("HOME", self.home.path())
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_DEFAULT_REGION", self.cognito.region)
            .env("AWS_ACCESS_KEY_ID", "testing")
            .env("AWS_SECRET_ACCESS_KEY", "testing");
        command
    }

    /// Asks the emulator about this pool.
    pub(super) async fn ask(&self, operation: &str, mut parameters: Value) -> Value {
        parameters["UserPoolId"] = json!(self.id);
        self.cognito.ask(operation, parameters).await
    }

    /// The attributes of a user, as an object.
    pub(super) async fn user(&self, name: &str) -> Value {
        let user = self.ask("AdminGetUser", json!({ "Username": name })).await;
        let attributes = user["UserAttributes"].as_array().expect("a list");
        let pairs = attributes.iter().map(|each| {
            let name = each["Name"].as_str().expect("a name");
            (name.to_owned(), each["Value"].clone())
        });
        pairs.collect()
    }

    /// The names of a user's groups, sorted.
    pub(super) async fn groups_of(&self, name: &str) -> Vec<String> {
        let parameters = json!({ "Username": name });
        let groups = self.ask("AdminListGroupsForUser", parameters).await;
        precedences(&groups)
            .into_iter()
            .map(|(name, _)| name)
            .collect()
    }

    /// The groups in the pool and their precedences, sorted by name.
    pub(super) async fn precedences(&self) -> Vec<(String, u64)> {
        precedences(&self.ask("ListGroups", json!({})).await)
    }

    /// What Cognito says to a user with that password.
    pub(super) async fn sign_in(&self, name: &str, password: &str) -> Value {
        let answer = self.cognito.sign_in(&self.id, name, password).await;
        answer.expect("the emulator answers").json()
    }
}

/// Runs `command` to its end.
pub(super) fn finish(mut command: Command, input: &str) -> Output {
    command.stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the script starts");
    let mut stdin = child.stdin.take().expect("its input is ours");
    // It need not read what it did not ask for.
    stdin.write_all(input.as_bytes()).ok();
    drop(stdin);

    let output = child.wait_with_output().expect("the script ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it speaks in text");
    let complained = text(output.stderr);
    assert!(!complained.contains("Traceback"), "{complained}");
    Output {
        status: output.status.code().expect("it ended by itself"),
        said: text(output.stdout),
        complained,
    }
}

/// The names and passwords at the end of what was said.
pub(super) fn passwords(said: &str) -> Vec<(&str, &str)> {
    let (_, list) = said.split_once("not shown again:\n").expect("passwords");
    let pairs = list.lines().map(|line| line.trim().split_once("  "));
    pairs
        .map(|pair| pair.expect("a name and a password"))
        .collect()
}

fn precedences(answer: &Value) -> Vec<(String, u64)> {
    let groups = answer["Groups"].as_array().expect("a list");
    let pairs = groups.iter().map(|group| {
        let name = group["GroupName"].as_str().expect("a name");
        (
            name.to_owned(),
            group["Precedence"].as_u64().unwrap_or_default(),
        )
    });
    let mut pairs: Vec<_> = pairs.collect();
    pairs.sort();
    pairs
}
