//! The same with a provider that is not ours.

use serde_json::json;
use shell_tests::{deployment::Login, environment, peer::Peer, scenario::scenario};

use crate::{users, work};

#[tokio::test(flavor = "multi_thread")]
async fn a_certified_provider_works_as_well() {
    let Some(folder) = environment::peer() else {
        return;
    };
    let demo = environment::demo();
    scenario("independent", Login::Independent(folder), async |session| {
        session.open("/#/experiments").await?;
        session.sign_in(Peer::USER, Peer::PASSWORD).await?;
        session.read(".groups", "admins, readers").await?;
        session.see(&["churn", "forecast", "images"]).await?;

        session.open(&format!("/{}", work::run(&demo))).await?;
        session.see(&["showcase", "learning_rate"]).await?;
        users::sign_out(session).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn its_users_in_no_group_are_told_so() {
    let Some(folder) = environment::peer() else {
        return;
    };
    scenario(
        "independent-no-group",
        Login::Independent(folder),
        async |session| {
            session.open("/").await?;
            session.click("#sign-in").await?;
            session.submit(Peer::OUTSIDER, Peer::PASSWORD).await?;
            session.read(".card h1", "No access yet").await
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
    let spec = Login::Discovered(folder).with_config("provider.groups", roles);
    scenario("independent-discovered", spec, async |session| {
        session.open("/#/experiments").await?;
        session.sign_in(Peer::USER, Peer::PASSWORD).await?;
        session.read(".groups", "admins").await?;
        session.see(&["churn", "forecast", "images"]).await?;
        users::sign_out(session).await
    })
    .await;
}
