//! What answers in place of models, which cannot run here: an independent server that
//! speaks as `OpenAI` and Anthropic do, and answers what `answers.json` says.

use std::process::Command;

use shell_tests::{child::Program, client, environment, server::free_port, wait};

use crate::{deployment::ClientsDeployment, round::run};

/// Starts it, and makes the endpoints of MLflow's AI gateway that ask it.
pub(crate) async fn start(deployment: &ClientsDeployment) -> Program {
    let port = free_port().expect("a free port");
    let package = environment::clients_packages().join("@copilotkit/aimock");
    let answers = environment::workspace().join("tests/clients/answers.json");
    let mut command = Command::new("node");
    command
        .arg(package.join("dist/cli.js"))
        .args(["--host", "127.0.0.1", "--port", &port.to_string()])
        .args(["--log-level", "warn", "--fixtures"])
        .arg(answers);
    let program = Program::spawn(&mut command).expect("it starts");
    let origin = format!("http://127.0.0.1:{port}");
    let asked = format!("{origin}/v1/models");
    let answers = wait::until("the stand-in for models", async || {
        Ok(client::get(&asked, &[]).await.ok().map(drop))
    });
    answers.await.expect("it answers");

    let mut endpoints = deployment.python("endpoints", &deployment.tracking.url, None);
    endpoints.env("SHELL_TEST_MODELS", origin);
    let output = run(endpoints).await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    program
}
