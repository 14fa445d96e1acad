//! Links that would lead out of the frame.

use anyhow::{Result, ensure};
use shell_tests::{
    embedder::{Embedder, Sandbox},
    environment,
    stage::{Stage, play},
};
use thirtyfour::By;

use super::{framed, sign_in};
use crate::{people::ADMIN, work};

/// Puts a link into MLflow's page as its own builds have them.
fn link(target: &str, route: &str) -> String {
    format!(
        "const inside = document.querySelector('#mlflow').contentDocument; \
         const link = inside.createElement('a'); link.id = 'way-out'; link.target = '{target}'; \
         link.href = '{route}'; link.textContent = 'a way out'; inside.body.prepend(link);"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn links_to_the_top_stay_in_the_frame_and_tabs_open_at_their_route() {
    let (embedder, plan) = framed().await;
    let demo = environment::demo();
    play("links", plan, async |stage| {
        stage
            .open_framed(&embedder, "/#/experiments", Sandbox::Absent)
            .await?;
        let page = stage.browser.tab().await?;
        sign_in(stage, &page).await?;
        stage.see(&["churn"]).await?;
        let run = work::run(&demo);

        follow(stage, "_top", &run).await?;
        stage.be_at(&run).await?;
        stage.see(&["learning_rate"]).await?;
        let outside = stage.run_outside("return document.title;").await?;
        ensure!(outside == Embedder::TITLE, "the page is gone: {outside}");

        // Its own storage, and so its own sign-in, at the same route; but the
        // provider knows the user by now.
        stage
            .browser
            .popup(async || follow(stage, "_blank", &run).await)
            .await?;
        stage.click("#sign-in").await?;
        stage.read("#user", ADMIN).await?;
        stage.be_at(&run).await
    })
    .await;
}

async fn follow(stage: &Stage, target: &str, route: &str) -> Result<()> {
    stage.run(&link(target, route)).await?;
    stage.click_inside(By::Id("way-out")).await
}
