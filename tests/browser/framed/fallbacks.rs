//! What a person can do when the usual way is blocked: each ends in a sign-in
//! or in a clear next step.

use anyhow::{Context, Result, ensure};
use shell_idp::DEVELOPMENT_PASSWORD;
use shell_tests::{
    browser_session::BrowserSession,
    driver::{Engine, Options, Tab},
    embedder::{Embedder, Sandbox},
    environment,
    scenario::{Scenario, scenario},
};

use super::{framed, open_login, open_relay, sign_in};
use crate::{users::ADMIN, work};

pub(crate) const ROUTE: &str = "/#/experiments";

/// A frame that may do all it has to but open windows.
pub(crate) const NO_WINDOWS: Sandbox = Sandbox::Allowing("allow-scripts allow-same-origin");

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_was_closed_is_made_up_for_by_the_gateway() {
    let (embedder, spec) = framed().await;
    scenario("relay-closed", spec, async |session| {
        let page = login_without_relay(session, &embedder).await?;
        session.submit(ADMIN, DEVELOPMENT_PASSWORD).await?;
        session.read(".card h1", "Almost there").await?;
        session.browser.switch_to(&page).await?;
        session.read("#user", ADMIN).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_gateway_the_code_can_be_pasted() {
    let (embedder, spec) = framed().await;
    scenario("code", spec, async |session| {
        refuse_rendezvous(session);
        let page = login_without_relay(session, &embedder).await?;
        session.submit(ADMIN, DEVELOPMENT_PASSWORD).await?;
        session
            .read(".card p", "copy this code and paste it there")
            .await?;
        let code = session
            .run("return document.querySelector('.card pre').innerText;")
            .await?;
        let code = code.as_str().context("a code")?.to_owned();

        session.browser.switch_to(&page).await?;
        session.type_into("#code", "code=of&state=another").await?;
        session.click("#use-code").await?;
        session
            .read(".toast", "This is not the code of this sign-in")
            .await?;
        session.type_into("#code", &code).await?;
        session.click("#use-code").await?;
        session.read("#user", ADMIN).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn finish_fetches_what_the_callback_left() {
    let (embedder, spec) = framed().await;
    scenario("finish", spec, async |session| {
        refuse_rendezvous(session);
        let page = login_without_relay(session, &embedder).await?;
        session.submit(ADMIN, DEVELOPMENT_PASSWORD).await?;
        session.read(".card p", "choose Finish there").await?;

        session.browser.switch_to(&page).await?;
        session.click("#finish").await?;
        session.read("#user", ADMIN).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_that_is_loaded_again_meanwhile_goes_on_where_it_was() {
    let (embedder, spec) = framed().await;
    scenario("reloaded", spec, async |session| {
        session
            .open_framed(&embedder, ROUTE, Sandbox::Absent)
            .await?;
        let page = session.browser.tab().await?;
        let relay = open_relay(session).await?;
        session.browser.switch_to(&page).await?;
        session
            .anew(async || session.run("location.reload();").await.map(drop))
            .await?;
        session
            .read(".card h1", "Sign in in the other window")
            .await?;

        session.browser.switch_to(&relay).await?;
        let login = open_login(session).await?;
        session.submit(ADMIN, DEVELOPMENT_PASSWORD).await?;
        session.browser.see_closed(&login, &page).await?;
        session.read("#user", ADMIN).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_frames_sign_in_at_once() {
    let (embedder, spec) = framed().await;
    scenario("two-frames", spec, async |session| {
        session
            .open_framed(&embedder, ROUTE, Sandbox::Absent)
            .await?;
        let first = session.browser.tab().await?;
        let one = open_relay(session).await?;

        // Firefox opens no tab from a window that has no room for tabs.
        session.browser.switch_to(&first).await?;
        let second = session.browser.open_tab().await?;
        session
            .open_framed(&embedder, ROUTE, Sandbox::Absent)
            .await?;
        let other = open_relay(session).await?;
        let login = open_login(session).await?;

        session.browser.switch_to(&one).await?;
        let first_login = open_login(session).await?;
        session.submit(ADMIN, DEVELOPMENT_PASSWORD).await?;
        session.browser.see_closed(&first_login, &first).await?;
        session.read("#user", ADMIN).await?;
        // They share a worker, so the other frame need not wait for its own.
        session.browser.switch_to(&second).await?;
        session.read("#user", ADMIN).await?;

        session.browser.switch_to(&login).await?;
        session.submit(ADMIN, DEVELOPMENT_PASSWORD).await?;
        session.browser.see_closed(&other, &second).await?;
        for tab in [&second, &first] {
            session.browser.switch_to(tab).await?;
            session.read("#user", ADMIN).await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_window_opens_the_page_says_where_to_go() {
    let (embedder, spec) = framed().await;
    Scenario::new("sandboxed", spec)
        .in_every_engine()
        .run(async |session| {
            session.open_framed(&embedder, ROUTE, NO_WINDOWS).await?;
            session.click("#sign-in").await?;
            session.be_told("popup-blocked").await?;
            let address = format!("{}{ROUTE}", session.deployment.origin);
            session.read(".card pre", &address).await
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_whose_windows_escape_it_is_no_obstacle() {
    let (embedder, spec) = framed().await;
    scenario("escaping", spec, async |session| {
        let sandbox = Sandbox::Allowing(
            "allow-scripts allow-same-origin allow-forms allow-popups \
             allow-popups-to-escape-sandbox",
        );
        session.open_framed(&embedder, ROUTE, sandbox).await?;
        let page = session.browser.tab().await?;
        sign_in(session, &page).await
    })
    .await;
}

/// The provider's page does not load in a window that is sandboxed itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_that_its_windows_inherit_is_explained_in_the_window() {
    let (embedder, spec) = framed().await;
    Scenario::new("inherited", spec)
        .in_every_engine()
        .run(async |session| {
            let sandbox =
                Sandbox::Allowing("allow-scripts allow-same-origin allow-forms allow-popups");
            session.open_framed(&embedder, ROUTE, sandbox).await?;
            open_relay(session).await?;
            session.click("#continue").await?;
            session
                .read(".card p", "the page you came from restricts its windows")
                .await?;
            // The button's tab would be sandboxed as well: the address is what helps.
            let address = format!("{}{ROUTE}", session.deployment.origin);
            session.read(".card pre", &address).await?;
            session.read("#open-tab", "Open in its own tab").await
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_keeps_windows_apart_is_explained() {
    let (embedder, spec) = framed().await;
    Scenario::new("isolated", spec)
        .in_every_engine()
        .run(async |session| {
            let url = format!("{}{ROUTE}", session.deployment.origin);
            let page = embedder.isolated_page(&url, Sandbox::Absent);
            session.open_around(&page, Embedder::FRAME).await?;
            let page = session.browser.tab().await?;
            session
                .browser
                .popup(async || session.click("#sign-in").await)
                .await?;
            session.be_told("no-opener").await?;
            session.browser.switch_to(&page).await?;
            session.be_told("popup-blocked").await
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_can_be_given_up_and_begun_again() {
    let (embedder, spec) = framed().await;
    scenario("given-up", spec, async |session| {
        session
            .open_framed(&embedder, ROUTE, Sandbox::Absent)
            .await?;
        let page = session.browser.tab().await?;
        open_relay(session).await?;
        session.browser.switch_to(&page).await?;
        session.click("#cancel").await?;
        session
            .read(".card p", "Sign in to see your experiments")
            .await?;
        sign_in(session, &page).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_blocks_cookies_of_others_can_work_here_or_in_a_tab_of_its_own() {
    let (embedder, spec) = framed().await;
    let options = Options {
        third_party_cookies_blocked: true,
        ..Options::default()
    };
    let demo = environment::demo();
    Scenario::new("blocked-cookies", spec)
        .in_every_engine()
        .with(options)
        .run(async |session| {
            let run = work::run(&demo);
            session
                .open_framed(&embedder, &format!("/{run}"), Sandbox::Absent)
                .await?;
            let page = session.browser.tab().await?;
            if session.engine == Engine::Firefox {
                // Its setting keeps all storage from frames of other sites.
                return leave_the_frame(session, &run).await;
            }
            sign_in(session, &page).await?;
            session.see(&["showcase", "learning_rate"]).await
        })
        .await;
}

async fn leave_the_frame(session: &BrowserSession, run: &str) -> Result<()> {
    session.be_told("storage-blocked").await?;
    session
        .browser
        .popup(async || session.click("#open-tab").await)
        .await?;
    session.sign_in(ADMIN, DEVELOPMENT_PASSWORD).await?;
    session.be_at(run).await
}

/// Goes to the hosted login and closes the window between.
pub(crate) async fn login_without_relay(
    session: &BrowserSession,
    embedder: &Embedder,
) -> Result<Tab> {
    session
        .open_framed(embedder, ROUTE, Sandbox::Absent)
        .await?;
    let page = session.browser.tab().await?;
    let relay = open_relay(session).await?;
    let login = open_login(session).await?;
    session.browser.switch_to(&relay).await?;
    session.browser.driver.clone().close_window().await?;
    session.browser.switch_to(&login).await?;
    ensure!(
        !session.browser.tabs().await?.contains(&relay),
        "it is still open"
    );
    Ok(page)
}

/// Makes the site one that only serves files, as Amplify or S3 would.
pub(crate) fn refuse_rendezvous(session: &BrowserSession) {
    for path in ["/rendezvous", "/rendezvous/take"] {
        session.deployment.replace(path, "{}");
    }
}
