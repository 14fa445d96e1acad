//! A whole deployment of programs.

use std::process::{Command, Output};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use shell_tests::{client, environment, server::free_port};

use crate::{
    compose::Compose,
    nginx::Nginx,
    parts::{Parts, program},
    person::Person,
    task::{self, Task},
};

/// The experiment of all runs.
pub(crate) const EXPERIMENT: &str = "deployments";

/// Where MLflow's client's program is.
const PROGRAM: &str = "tests/deployments/program.py";

/// One instance as Compose has it, or several behind a load balancer as ECS has them.
pub(crate) struct Stack {
    // They end in this order.
    pub(crate) balancer: Option<Nginx>,
    pub(crate) tasks: Vec<Task>,
    _parts: Parts,
    pub(crate) compose: Compose,
}

impl Stack {
    /// The deployment of the Compose file.
    ///
    /// # Errors
    /// If a part does not become healthy.
    pub(crate) async fn of_compose() -> Result<Self> {
        let compose = Compose::start()?;
        let parts = Parts::start(&compose).await?;
        let config = task::configuration(&compose, &[])?;
        let port = compose.port("site");
        let task = Task::start(&compose, port, &config).await?;
        Ok(Self {
            balancer: None,
            tasks: vec![task],
            _parts: parts,
            compose,
        })
    }

    /// So many tasks with the same settings behind a load balancer. Sites of
    /// `ancestors` may frame the shell.
    ///
    /// # Errors
    /// If a part does not become healthy.
    pub(crate) async fn of_tasks(count: usize, ancestors: &[String]) -> Result<Self> {
        let compose = Compose::start()?;
        let parts = Parts::start(&compose).await?;
        let config = task::configuration(&compose, &[("frame_ancestors", json!(ancestors))])?;
        let mut tasks = Vec::new();
        // One after the other: the first MLflow makes the tables.
        for _ in 0..count {
            tasks.push(Task::start(&compose, free_port()?, &config).await?);
        }
        let targets: Vec<_> = tasks.iter().map(|task| task.port).collect();
        let balancer = Nginx::balancing(compose.port("site"), &targets).await?;
        Ok(Self {
            balancer: Some(balancer),
            tasks,
            _parts: parts,
            compose,
        })
    }

    /// Where people open the shell.
    pub(crate) fn origin(&self) -> String {
        self.compose.origin("site")
    }

    /// The load balancer.
    pub(crate) fn balancer(&self) -> &Nginx {
        self.balancer.as_ref().expect("it has one")
    }

    /// The gateways' ports.
    pub(crate) fn ports(&self) -> Vec<u16> {
        self.tasks.iter().map(|task| task.port).collect()
    }

    /// The password of `ann` (a reader) or `bob` (an administrator).
    pub(crate) fn password(&self, user: &str) -> Result<String> {
        let all = self.compose.environment("provider")?;
        let key = format!("{}_PASSWORD", user.to_uppercase());
        all.get(&key).cloned().context(key)
    }

    /// MLflow's client in a process of its own, with a token for programs.
    pub(crate) fn client(&self, token: &str) -> Result<Command> {
        let mut command = Command::new(program("SHELL_TEST_PYTHON")?);
        environment::isolate(&mut command);
        command
            .arg(environment::workspace().join(PROGRAM))
            .env("MLFLOW_TRACKING_URI", self.origin())
            .env("MLFLOW_TRACKING_TOKEN", token)
            .env("EXPERIMENT", EXPERIMENT);
        Ok(command)
    }

    /// Prints the end of what the parts have said.
    #[expect(clippy::print_stderr, reason = "explains the failure")]
    pub(crate) fn explain(&self) {
        let folder = self.compose.folder.path();
        let mut command = Command::new("tail");
        command.args(["-n", "25"]);
        for entry in walk(folder) {
            command.arg(entry);
        }
        if let Ok(output) = command.output() {
            eprintln!("{}", String::from_utf8_lossy(&output.stdout));
        }
    }
}

/// The logs below a folder.
fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() && path.file_name().is_some_and(|name| name != "minio") {
            found.extend(walk(&path));
        } else if path.extension().is_some_and(|end| end == "log") {
            found.push(path);
        }
    }
    found
}

/// Fails with what a program said if it did not succeed.
///
/// # Errors
/// If it did not.
pub(crate) fn require(output: &Output) -> Result<String> {
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let trouble = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "{}: {said}\n{trouble}",
        output.status
    );
    Ok(said)
}

/// Has the signed-in person's page issue a token for programs.
///
/// # Errors
/// If none is issued.
pub(crate) async fn issue_token(person: &Person) -> Result<String> {
    let answer = person
        .await_script(
            "const answer = await fetch('/mlflow/@shell/tokens', { method: 'POST' }); \
             return await answer.json();",
        )
        .await?;
    let token = answer["token"].as_str().map(str::to_owned);
    token.with_context(|| format!("no token: {}", redacted(&answer)))
}

/// What was answered without what may be a token.
fn redacted(answer: &Value) -> String {
    answer["message"]
        .as_str()
        .unwrap_or("no message")
        .to_owned()
}

/// The status of a cheap request of a program's.
///
/// # Errors
/// If there is no answer.
pub(crate) async fn status(origin: &str, token: &str) -> Result<u16> {
    let url = format!("{origin}/api/2.0/mlflow/experiments/search?max_results=1");
    let bearer = format!("Bearer {token}");
    let answer = client::get(&url, &[("authorization", &bearer)]).await?;
    Ok(answer.status.as_u16())
}
