//! Two tasks behind a load balancer, of which one ends: in order, and at once.

use anyhow::{Result, ensure};
use shell_tests::wait;

use crate::{
    load::{INTERRUPTED, Load, Outcome, Program, WORKERS},
    nginx::Take,
    rounds,
    stack::{Stack, require},
    with,
};

/// How long MLflow's client goes on, in seconds.
const SECONDS: u64 = 40;

/// Requests that are answered between one event and the next.
const SOME: usize = 300;

/// A request that MLflow answers from its database.
const PATH: &str = "/api/2.0/mlflow/experiments/search?max_results=5";

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_that_ends_in_order_fails_no_request() {
    with(Stack::of_tasks(2, &[]).await, async |stack| {
        let (_person, token) = rounds::sign_in(stack).await?;
        let program = Program::start(stack.client(&token)?, SECONDS);
        let load = Load::start(&format!("{}{PATH}", stack.origin()), &token);
        for index in [0, 1] {
            answered(&load, SOME).await?;
            let left = stack.ports()[1 - index];
            // As ECS does: first the load balancer is told, then the task.
            stack.balancer().balance(&[left], Take::Forwarded).await?;
            stack.tasks[index].drain().await?;
            answered(&load, SOME).await?;
            stack.tasks[index].start_gateway().await?;
            stack
                .balancer()
                .balance(&stack.ports(), Take::Forwarded)
                .await?;
        }
        answered(&load, SOME).await?;
        let outcome = load.stop().await;
        report("drain", stack, &outcome, &require(&program.end().await?)?)?;
        ensure!(outcome.failures() == 0, "{:?}", outcome.failed);
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_that_is_killed_fails_only_what_it_was_asked() {
    with(Stack::of_tasks(2, &[]).await, async |stack| {
        let (_person, token) = rounds::sign_in(stack).await?;
        let program = Program::start(stack.client(&token)?, SECONDS);
        let load = Load::start(&format!("{}{PATH}", stack.origin()), &token);
        answered(&load, SOME).await?;
        stack.tasks[0].kill()?;
        answered(&load, SOME).await?;
        stack.tasks[0].start_gateway().await?;
        // The load balancer finds that it is there again.
        let target = stack.ports()[0].to_string();
        wait::until("requests at the target again", async || {
            let lines = stack.balancer().lines()?;
            let last = lines.iter().rev().take(20);
            let is_back = last
                .into_iter()
                .any(|line| line.target.ends_with(&target) && line.answered == Some(200));
            Ok(is_back.then_some(()))
        })
        .await?;
        answered(&load, SOME).await?;
        let outcome = load.stop().await;
        // MLflow's client repeats what fails, so no run has failed.
        report("kill", stack, &outcome, &require(&program.end().await?)?)?;
        only_of_the_killed(stack, &outcome, stack.ports()[0])
    })
    .await;
}

/// Each failure is of a request that was sent to the instance, or that found it gone.
fn only_of_the_killed(stack: &Stack, outcome: &Outcome, port: u16) -> Result<()> {
    let killed = format!("127.0.0.1:{port}");
    let lines = stack.balancer().lines()?;
    let failed = lines.iter().filter(|line| line.status >= 500);
    for line in failed {
        ensure!(line.target == killed, "{line:?}");
    }
    // Under way there at the time, or sent before the load balancer left it out.
    let is_explained = |word: &String| word == "502" || word == INTERRUPTED;
    ensure!(
        outcome.failed.keys().all(is_explained) && outcome.failures() <= 2 * WORKERS,
        "{:?}",
        outcome.failed
    );
    Ok(())
}

/// Waits until so many more requests have been answered.
async fn answered(load: &Load, more: usize) -> Result<()> {
    let before = load.answered();
    wait::until("answers", async || {
        Ok((load.answered() >= before + more).then_some(()))
    })
    .await
}

#[expect(clippy::print_stdout, reason = "the figures are what is to be shown")]
fn report(name: &str, stack: &Stack, outcome: &Outcome, client: &str) -> Result<()> {
    let lines = stack.balancer().lines()?;
    let of_client = lines.iter().filter(|line| !line.request.contains(PATH));
    let (mut asked, mut failed) = (0, 0);
    for line in of_client {
        asked += 1;
        failed += usize::from(line.status >= 500);
    }
    let refused = stack
        .balancer()
        .errors()
        .matches("Connection refused")
        .count();
    let all = client.lines().last().unwrap_or_default();
    println!(
        "{name}: load: {} answered in {:.1} s, {} sent again, failed: {:?}; MLflow's client and the browser: \
         {asked} requests, {failed} failed and repeated; {refused} found no port; client: {all}",
        outcome.answered, outcome.seconds, outcome.repeated, outcome.failed
    );
    Ok(())
}
