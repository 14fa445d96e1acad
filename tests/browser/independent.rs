//! The same with a provider that nobody here wrote.

use shell_tests::{environment, peer::Peer, stage::play, world::Login};

use crate::{people, work};

#[tokio::test(flavor = "multi_thread")]
async fn a_certified_provider_works_as_well() {
    let Some(folder) = environment::peer() else {
        return;
    };
    let demo = environment::demo();
    play("independent", Login::Independent(folder), async |stage| {
        stage.open("/#/experiments").await?;
        stage.sign_in(Peer::USER, Peer::PASSWORD).await?;
        stage.read(".groups", "admins, readers").await?;
        stage.see(&["churn", "forecast", "images"]).await?;

        stage.open(&format!("/{}", work::run(&demo))).await?;
        stage.see(&["showcase", "learning_rate"]).await?;
        people::sign_out(stage).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn its_users_in_no_group_are_told_so() {
    let Some(folder) = environment::peer() else {
        return;
    };
    play(
        "independent-no-group",
        Login::Independent(folder),
        async |stage| {
            stage.open("/").await?;
            stage.click("#sign-in").await?;
            stage.submit(Peer::OUTSIDER, Peer::PASSWORD).await?;
            stage.read(".card h1", "No access yet").await
        },
    )
    .await;
}
