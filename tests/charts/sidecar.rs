//! MLflow beside the gateway: the real one, with the environment of its container.

use std::{
    net::TcpStream,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value;
use shell_tests::{child::Program, client, environment, server::free_port, wait};

use crate::chart::{self, list};

/// Here it has a database and a bucket of its own, both files, and any port.
#[tokio::test]
async fn mlflow_starts_with_its_environment_and_answers_its_probes() {
    let (Some(release), Some(python)) = (chart::release_of("sidecar"), environment::python())
    else {
        return;
    };
    let container = &list(&release.template()["spec"]["initContainers"])[0];
    let folder = tempfile::tempdir().expect("there is room");
    let port = free_port().expect("a port");
    let _mlflow = start(container, &python, folder.path(), port);
    for probe in ["startupProbe", "livenessProbe", "readinessProbe"] {
        let answered = wait::until(probe, async || {
            Ok(answers(&container[probe], &python, port))
        });
        answered.await.expect("MLflow is there");
    }

    let url = format!("http://127.0.0.1:{port}/api/2.0/mlflow/experiments/get?experiment_id=0");
    let told = client::get(&url, &[]).await.expect("an answer");
    assert_eq!(told.status, 200);
    let foreign = client::get(&url, &[("host", "mlflow.example.com")]).await;
    assert_eq!(
        foreign.expect("an answer").status,
        403,
        "of the pod's own host only"
    );
    // What listens on all addresses is reached at this one, too.
    let elsewhere = TcpStream::connect(("127.0.0.2", port));
    assert!(elsewhere.is_err(), "it listens on loopback only");
}

fn start(container: &Value, python: &Path, folder: &Path, port: u16) -> Program {
    let programs = python.parent().expect("a folder");
    let words = list(&container["args"]).iter();
    let mut words = words.map(|word| word.as_str().expect("a text"));
    let mut command = Command::new(programs.join(words.next().expect("a program")));
    command.args(words).env_clear().env("PATH", programs);
    for variable in list(&container["env"]) {
        let name = variable["name"].as_str().expect("a name");
        if let Some(value) = variable["value"].as_str() {
            command.env(name, value.replace(":5000", &format!(":{port}")));
        }
    }
    let store = format!("sqlite:///{}/mlflow.db", folder.display());
    command
        .env("MLFLOW_PORT", port.to_string())
        .env("MLFLOW_BACKEND_STORE_URI", store)
        .env("MLFLOW_ARTIFACTS_DESTINATION", folder)
        .env("HOME", folder)
        // Its programs would outlive it here.
        .env("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false")
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    environment::isolate(&mut command);
    Program::spawn(&mut command).expect("MLflow starts")
}

/// Whether a probe succeeds, as Kubernetes would run it.
fn answers(probe: &Value, python: &Path, port: u16) -> Option<()> {
    let words = list(&probe["exec"]["command"]).iter();
    let words = words.map(|word| word.as_str().expect("a text"));
    let words: Vec<_> = words
        .map(|word| word.replace(":5000", &format!(":{port}")))
        .collect();
    assert_eq!(words[0], "python");
    let mut command = Command::new(python);
    command.args(&words[1..]).stderr(Stdio::null());
    let status = command.status().expect("Python starts");
    status.success().then_some(())
}
