//! What a person can do when the usual way is blocked: each ends in a sign-in
//! or in a clear next step.

use anyhow::{Context, Result, ensure};
use shell_idp::DEVELOPMENT_PASSWORD;
use shell_tests::{
    driver::{Engine, Options, Tab},
    embedder::{Embedder, Sandbox},
    environment,
    stage::{Play, Stage, play},
};

use super::{framed, open_login, open_relay, sign_in};
use crate::{people::ADMIN, work};

pub(crate) const ROUTE: &str = "/#/experiments";

/// A frame that may do all it has to but open windows.
pub(crate) const NO_WINDOWS: Sandbox = Sandbox::Allowing("allow-scripts allow-same-origin");

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_was_closed_is_made_up_for_by_the_gateway() {
    let (embedder, plan) = framed().await;
    play("relay-closed", plan, async |stage| {
        let page = login_without_relay(stage, &embedder).await?;
        stage.submit(ADMIN, DEVELOPMENT_PASSWORD).await?;
        stage.read(".card h1", "Almost there").await?;
        stage.browser.switch_to(&page).await?;
        stage.read("#user", ADMIN).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_gateway_the_code_can_be_pasted() {
    let (embedder, plan) = framed().await;
    play("code", plan, async |stage| {
        refuse_rendezvous(stage);
        let page = login_without_relay(stage, &embedder).await?;
        stage.submit(ADMIN, DEVELOPMENT_PASSWORD).await?;
        stage
            .read(".card p", "copy this code and paste it there")
            .await?;
        let code = stage
            .run("return document.querySelector('.card pre').innerText;")
            .await?;
        let code = code.as_str().context("a code")?.to_owned();

        stage.browser.switch_to(&page).await?;
        stage.type_into("#code", "code=of&state=another").await?;
        stage.click("#use-code").await?;
        stage
            .read(".toast", "This is not the code of this sign-in")
            .await?;
        stage.type_into("#code", &code).await?;
        stage.click("#use-code").await?;
        stage.read("#user", ADMIN).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn finish_fetches_what_the_callback_left() {
    let (embedder, plan) = framed().await;
    play("finish", plan, async |stage| {
        refuse_rendezvous(stage);
        let page = login_without_relay(stage, &embedder).await?;
        stage.submit(ADMIN, DEVELOPMENT_PASSWORD).await?;
        stage.read(".card p", "choose Finish there").await?;

        stage.browser.switch_to(&page).await?;
        stage.click("#finish").await?;
        stage.read("#user", ADMIN).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_that_is_loaded_again_meanwhile_goes_on_where_it_was() {
    let (embedder, plan) = framed().await;
    play("reloaded", plan, async |stage| {
        stage.open_framed(&embedder, ROUTE, Sandbox::Absent).await?;
        let page = stage.browser.tab().await?;
        let relay = open_relay(stage).await?;
        stage.browser.switch_to(&page).await?;
        stage
            .anew(async || stage.run("location.reload();").await.map(drop))
            .await?;
        stage
            .read(".card h1", "Sign in in the other window")
            .await?;

        stage.browser.switch_to(&relay).await?;
        let login = open_login(stage).await?;
        stage.submit(ADMIN, DEVELOPMENT_PASSWORD).await?;
        stage.browser.see_closed(&login, &page).await?;
        stage.read("#user", ADMIN).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_frames_sign_in_at_once() {
    let (embedder, plan) = framed().await;
    play("two-frames", plan, async |stage| {
        stage.open_framed(&embedder, ROUTE, Sandbox::Absent).await?;
        let first = stage.browser.tab().await?;
        let one = open_relay(stage).await?;

        // Firefox opens no tab from a window that has no room for tabs.
        stage.browser.switch_to(&first).await?;
        let second = stage.browser.open_tab().await?;
        stage.open_framed(&embedder, ROUTE, Sandbox::Absent).await?;
        let other = open_relay(stage).await?;
        let login = open_login(stage).await?;

        stage.browser.switch_to(&one).await?;
        let first_login = open_login(stage).await?;
        stage.submit(ADMIN, DEVELOPMENT_PASSWORD).await?;
        stage.browser.see_closed(&first_login, &first).await?;
        stage.read("#user", ADMIN).await?;
        // They share a worker, so the other frame need not wait for its own.
        stage.browser.switch_to(&second).await?;
        stage.read("#user", ADMIN).await?;

        stage.browser.switch_to(&login).await?;
        stage.submit(ADMIN, DEVELOPMENT_PASSWORD).await?;
        stage.browser.see_closed(&other, &second).await?;
        for tab in [&second, &first] {
            stage.browser.switch_to(tab).await?;
            stage.read("#user", ADMIN).await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_window_opens_the_page_says_where_to_go() {
    let (embedder, plan) = framed().await;
    play("sandboxed", plan, async |stage| {
        stage.open_framed(&embedder, ROUTE, NO_WINDOWS).await?;
        stage.click("#sign-in").await?;
        stage.be_told("popup-blocked").await?;
        let address = format!("{}{ROUTE}", stage.world.origin);
        stage.read(".card pre", &address).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_whose_windows_escape_it_is_no_obstacle() {
    let (embedder, plan) = framed().await;
    play("escaping", plan, async |stage| {
        let sandbox = Sandbox::Allowing(
            "allow-scripts allow-same-origin allow-forms allow-popups \
             allow-popups-to-escape-sandbox",
        );
        stage.open_framed(&embedder, ROUTE, sandbox).await?;
        let page = stage.browser.tab().await?;
        sign_in(stage, &page).await
    })
    .await;
}

/// The provider's page does not load in a window that is sandboxed itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_that_its_windows_inherit_is_explained_in_the_window() {
    let (embedder, plan) = framed().await;
    play("inherited", plan, async |stage| {
        let sandbox = Sandbox::Allowing("allow-scripts allow-same-origin allow-forms allow-popups");
        stage.open_framed(&embedder, ROUTE, sandbox).await?;
        open_relay(stage).await?;
        stage.click("#continue").await?;
        stage
            .read(".card p", "the page you came from restricts its windows")
            .await?;
        // The button's tab would be sandboxed as well: the address is what helps.
        let address = format!("{}{ROUTE}", stage.world.origin);
        stage.read(".card pre", &address).await?;
        stage.read("#open-tab", "Open in its own tab").await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_keeps_windows_apart_is_explained() {
    let (embedder, plan) = framed().await;
    play("isolated", plan, async |stage| {
        let url = format!("{}{ROUTE}", stage.world.origin);
        let page = embedder.isolated_page(&url, Sandbox::Absent);
        stage.open_around(&page, Embedder::FRAME).await?;
        let page = stage.browser.tab().await?;
        stage
            .browser
            .popup(async || stage.click("#sign-in").await)
            .await?;
        stage.be_told("no-opener").await?;
        stage.browser.switch_to(&page).await?;
        stage.be_told("popup-blocked").await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_can_be_given_up_and_begun_again() {
    let (embedder, plan) = framed().await;
    play("given-up", plan, async |stage| {
        stage.open_framed(&embedder, ROUTE, Sandbox::Absent).await?;
        let page = stage.browser.tab().await?;
        open_relay(stage).await?;
        stage.browser.switch_to(&page).await?;
        stage.click("#cancel").await?;
        stage
            .read(".card p", "Sign in to see your experiments")
            .await?;
        sign_in(stage, &page).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_blocks_cookies_of_others_can_work_here_or_in_a_tab_of_its_own() {
    let (embedder, plan) = framed().await;
    let options = Options {
        third_party_cookies_blocked: true,
        ..Options::default()
    };
    let demo = environment::demo();
    Play::new("blocked-cookies", plan)
        .with(options)
        .perform(async |stage| {
            let run = work::run(&demo);
            stage
                .open_framed(&embedder, &format!("/{run}"), Sandbox::Absent)
                .await?;
            let page = stage.browser.tab().await?;
            if stage.engine == Engine::Firefox {
                // Its setting keeps all storage from frames of other sites.
                return leave_the_frame(stage, &run).await;
            }
            sign_in(stage, &page).await?;
            stage.see(&["showcase", "learning_rate"]).await
        })
        .await;
}

async fn leave_the_frame(stage: &Stage, run: &str) -> Result<()> {
    stage.be_told("storage-blocked").await?;
    stage
        .browser
        .popup(async || stage.click("#open-tab").await)
        .await?;
    stage.sign_in(ADMIN, DEVELOPMENT_PASSWORD).await?;
    stage.be_at(run).await
}

/// Goes to the hosted login and closes the window between.
pub(crate) async fn login_without_relay(stage: &Stage, embedder: &Embedder) -> Result<Tab> {
    stage.open_framed(embedder, ROUTE, Sandbox::Absent).await?;
    let page = stage.browser.tab().await?;
    let relay = open_relay(stage).await?;
    let login = open_login(stage).await?;
    stage.browser.switch_to(&relay).await?;
    stage.browser.driver.clone().close_window().await?;
    stage.browser.switch_to(&login).await?;
    ensure!(
        !stage.browser.tabs().await?.contains(&relay),
        "it is still open"
    );
    Ok(page)
}

/// Makes the site one that only serves files, as Amplify or S3 would.
pub(crate) fn refuse_rendezvous(stage: &Stage) {
    for path in ["/rendezvous", "/rendezvous/take"] {
        stage.world.replace(path, "{}");
    }
}
