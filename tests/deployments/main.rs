//! The gateway among the programs that a deployment has beside it, each started without
//! a container engine: as `deploy/compose` has them, and as two tasks of an ECS service
//! behind a load balancer.

mod compose;
mod file;
mod framed;
mod load;
mod long;
mod nginx;
mod parts;
mod person;
mod rounds;
mod stack;
mod task;

use anyhow::Result;
use shell_tests::embedder::Embedder;
use stack::Stack;

/// Runs `steps`, and shows what the parts have said if they fail.
async fn with(stack: Result<Stack>, steps: impl AsyncFnOnce(&mut Stack) -> Result<()>) {
    let mut stack = stack.expect("everything starts");
    if let Err(failure) = steps(&mut stack).await {
        stack.explain();
        panic!("{failure:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_parts_of_compose_serve_people_and_programs() {
    with(Stack::of_compose().await, async |stack| {
        let (person, token) = rounds::sign_in(stack).await?;
        let run = rounds::client_round(stack, &token).await?;
        rounds::see_run(stack, &person, &run).await?;
        rounds::sign_out(&person).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tasks_behind_a_load_balancer_are_one_site() {
    let embedder = Embedder::start().await.expect("a foreign site starts");
    with(
        Stack::of_tasks(2, &[embedder.origin()]).await,
        async |stack| {
            let (person, token) = rounds::sign_in(stack).await?;
            rounds::every_instance_takes(stack, &token).await?;
            let run = rounds::client_round(stack, &token).await?;
            rounds::see_run(stack, &person, &run).await?;
            rounds::sign_out(&person).await?;
            rounds::every_instance_was_asked(stack)?;
            rounds::framed(stack, &embedder).await
        },
    )
    .await;
}
