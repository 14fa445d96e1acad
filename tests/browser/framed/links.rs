//! Links that would lead out of the frame.

use anyhow::{Result, ensure};
use shell_tests::{
    browser_session::BrowserSession,
    embedder::{Embedder, Sandbox},
    environment,
    scenario::Scenario,
};
use thirtyfour::By;

use super::{framed, sign_in};
use crate::{users::ADMIN, work};

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
    let (embedder, spec) = framed().await;
    let demo = environment::demo();
    Scenario::new("links", spec)
        .in_every_engine()
        .run(async |session| {
            session
                .open_framed(&embedder, "/#/experiments", Sandbox::Absent)
                .await?;
            let page = session.browser.tab().await?;
            sign_in(session, &page).await?;
            session.see(&["churn"]).await?;
            let run = work::run(&demo);

            follow(session, "_top", &run).await?;
            session.be_at(&run).await?;
            session.see(&["learning_rate"]).await?;
            let outside = session.run_outside("return document.title;").await?;
            ensure!(outside == Embedder::TITLE, "the page is gone: {outside}");

            // Its own storage, and so its own sign-in, at the same route; but the
            // provider knows the user by now.
            session
                .browser
                .popup(async || follow(session, "_blank", &run).await)
                .await?;
            session.click("#sign-in").await?;
            session.read("#user", ADMIN).await?;
            session.be_at(&run).await
        })
        .await;
}

async fn follow(session: &BrowserSession, target: &str, route: &str) -> Result<()> {
    session.run(&link(target, route)).await?;
    session.click_inside(By::Id("way-out")).await
}
