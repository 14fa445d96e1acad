//! The same with a provider that nobody here wrote.

use serde_json::json;
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

/// The whole sign-in at a provider that is nothing like Cognito: its endpoints
/// are asked for, its client has a secret, and groups are inside another claim.
#[tokio::test(flavor = "multi_thread")]
async fn a_provider_on_paths_of_its_own_is_asked_for_them() {
    let Some(folder) = environment::peer() else {
        return;
    };
    let roles =
        json!([{ "claim": ["realm_access", "roles"], "value": "admins", "group": "admins" }]);
    let plan = Login::Discovered(folder).with_config("provider.groups", roles);
    play("independent-discovered", plan, async |stage| {
        stage.open("/#/experiments").await?;
        stage.sign_in(Peer::USER, Peer::PASSWORD).await?;
        stage.read(".groups", "admins").await?;
        stage.see(&["churn", "forecast", "images"]).await?;
        people::sign_out(stage).await
    })
    .await;
}
