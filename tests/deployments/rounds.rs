//! What people and programs do in a deployment that has all its parts.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use shell_tests::{embedder::Embedder, wait};

use crate::{
    framed,
    person::Person,
    stack::{EXPERIMENT, Stack, issue_token, require, status},
};

/// How many framed sign-ins are tried.
const SIGN_INS: usize = 3;

/// How often a frame may have to ask two instances in turn. Other requests between may
/// have it ask one of them again.
const MOST_POLLS: usize = 8;

/// An administrator signs in, and gets a token for programs.
///
/// # Errors
/// If that fails.
pub(crate) async fn sign_in(stack: &Stack) -> Result<(Person, String)> {
    let person = Person::start().await?;
    person.open(&stack.origin(), None).await?;
    person.sign_in("bob", &stack.password("bob")?).await?;
    person.read(".groups", "admins").await?;
    let token = issue_token(&person).await?;
    Ok((person, token))
}

/// MLflow's client logs a run with files, and reads it again.
///
/// # Errors
/// If it fails.
pub(crate) async fn client_round(stack: &Stack, token: &str) -> Result<String> {
    let mut command = stack.client(token)?;
    let output = tokio::task::spawn_blocking(move || command.output()).await??;
    let said = require(&output)?;
    let run = said.lines().find_map(|line| line.strip_prefix("done "));
    Ok(run.context("a run")?.to_owned())
}

/// The person sees the run of a program, and MLflow's page reads its file from the store
/// itself.
///
/// # Errors
/// If that fails.
pub(crate) async fn see_run(stack: &Stack, person: &Person, run: &str) -> Result<()> {
    person
        .open(&format!("{}/#/experiments", stack.origin()), None)
        .await?;
    person.see(EXPERIMENT).await?;
    let url = presigned(person, run).await?;
    let store = stack.compose.origin("store");
    ensure!(
        url.starts_with(&store),
        "the store is at {store}, not {url}"
    );
    let read = person
        .await_script(&format!(
            "const mlflow = document.querySelector('#mlflow').contentWindow; \
             const answer = await mlflow.fetch({}); return [answer.status, await answer.text()];",
            Value::from(url.as_str())
        ))
        .await?;
    ensure!(
        read[0] == 200 && read[1] == format!("hello from {run}"),
        "{read}"
    );
    forged(&url).await
}

/// Another file's name with this file's signature, and a changed signature.
async fn forged(url: &str) -> Result<()> {
    let other = url.replace("note.txt", "data/part.bin");
    let last = if url.ends_with('0') { '1' } else { '0' };
    let changed = format!("{}{last}", &url[..url.len() - 1]);
    for url in [other, changed] {
        let status = shell_tests::client::get(&url, &[]).await?.status;
        ensure!(status == 403, "the store answers {status}");
    }
    Ok(())
}

/// The URL that MLflow signs for a run's file, whose artifacts go through MLflow otherwise.
async fn presigned(person: &Person, run: &str) -> Result<String> {
    let api = "/mlflow/ajax-api/2.0";
    let answer = person
        .await_script(&format!(
            "const read = async (path) => (await fetch('{api}' + path)).json(); \
             const {{ run }} = await read('/mlflow/runs/get?run_id={run}'); \
             const folder = run.info.artifact_uri.replace('mlflow-artifacts:', ''); \
             return await read(`/mlflow-artifacts/presigned${{folder}}/note.txt`);"
        ))
        .await?;
    let url = answer["url"].as_str().map(str::to_owned);
    url.with_context(|| answer.to_string())
}

/// The person signs out, and is asked who they are at the next sign-in.
///
/// # Errors
/// If that fails.
pub(crate) async fn sign_out(person: &Person) -> Result<()> {
    person.click("#sign-out").await?;
    wait::until("the shell's sign-in page again", async || {
        let script = "const shell = document.querySelector('#sign-in')?.checkVisibility(); \
             if (!shell) document.querySelector('button[name=answer][value=logout]')?.click(); \
             return Boolean(shell);";
        Ok((person.run(script).await? == true).then_some(()))
    })
    .await?;
    person.click("#sign-in").await?;
    person.type_into("input[name=login]", "ann").await
}

/// Every instance takes a token that one of them issued.
///
/// # Errors
/// If one does not.
pub(crate) async fn every_instance_takes(stack: &Stack, token: &str) -> Result<()> {
    for port in stack.ports() {
        let status = status(&format!("http://127.0.0.1:{port}"), token).await?;
        ensure!(status == 200, "the instance at {port} answers {status}");
    }
    Ok(())
}

/// The load balancer has sent requests to every instance.
///
/// # Errors
/// If it has not.
pub(crate) fn every_instance_was_asked(stack: &Stack) -> Result<()> {
    let lines = stack.balancer().lines()?;
    for port in stack.ports() {
        let target = format!("127.0.0.1:{port}");
        let count = lines.iter().filter(|line| line.target == target).count();
        ensure!(
            count > lines.len() / 4,
            "{count} of {} at {port}",
            lines.len()
        );
    }
    Ok(())
}

/// Sign-ins in a frame need no stickiness, and begin again if an instance is lost.
///
/// # Errors
/// If one does not complete.
#[expect(clippy::print_stdout, reason = "the figures are what is to be shown")]
pub(crate) async fn framed(stack: &mut Stack, embedder: &Embedder) -> Result<()> {
    for _ in 0..SIGN_INS {
        let asked = framed::completes(stack, embedder).await?;
        println!("framed sign-in: {asked:?}");
        ensure!(asked.polls <= MOST_POLLS, "{asked:?}");
    }
    framed::begins_again(stack, embedder).await
}
