//! All that the shell can show, and the way to each of it.

pub(crate) mod alone;
mod framed;
pub(crate) mod over;
mod servers;

use std::future::Future;

use anyhow::{Context, Result};
use serde_json::Value;
use shell_tests::{
    browser_session::BrowserSession,
    client,
    deployment::{DeploymentSpec, Login},
    driver::{Engine, Scheme},
    embedder::Embedder,
    scenario::scenario_in,
    wait,
};

use crate::{framed::spec_for, session::renewal::provider, users};

/// As long as names of people and groups are in large companies.
const LONG: &str = "maximiliane.hohenlohe-von-waldburg.external@subsidiary.example.com";
const GROUPS: [&str; 4] = [
    "readers",
    "data-science-platform-production-users",
    "model-approvers",
    "quantitative-research-frankfurt",
];

/// The deployment in which all can be reached that needs no other site and no
/// second server.
pub(crate) fn spec() -> DeploymentSpec {
    Login::Development.running()
}

/// Goes through all of them in Chromium, on a system that is like `scheme`,
/// and tells `look` what a picture of each is called.
pub(crate) async fn visit(
    name: &'static str,
    scheme: Scheme,
    look: impl AsyncFn(&BrowserSession, &str) -> Result<()>,
) {
    let embedder = Embedder::start().await.expect("a foreign site starts");
    let spec = spec_for(&embedder).running();
    scenario_in(&[Engine::Chromium], name, spec, async |session| {
        begin(session, scheme).await?;
        for (name, state) in alone::STATES {
            pass(session, name, state.reach(session), &look).await?;
        }
        for (name, state) in over::STATES {
            pass(session, name, state.reach(session), &look).await?;
        }
        for (name, state) in framed::STATES {
            pass(session, name, state.reach(session, &embedder), &look).await?;
        }
        Ok(())
    })
    .await;
    scenario_in(
        &[Engine::Chromium],
        name,
        servers::spec(),
        async |session| {
            begin(session, scheme).await?;
            pass(session, "servers", servers::reach(session), &look).await
        },
    )
    .await;
}

/// Gives the browser so much room, and waits until the shell has it, which in
/// another site's frame is a little less and a little later.
pub(crate) async fn widen_to(session: &BrowserSession, width: u32) -> Result<()> {
    session.browser.widen_to(width).await?;
    let script = format!("return innerWidth <= {width} && innerWidth > 0.9 * {width};");
    wait::until(&format!("{width} pixels"), async || {
        Ok((session.run(&script).await? == true).then_some(()))
    })
    .await
}

/// Makes the shell's document like that, wherever it is.
pub(crate) async fn prefer(session: &BrowserSession, scheme: Scheme) -> Result<()> {
    session.enter_shell().await?;
    session.browser.prefer(scheme).await
}

/// Before MLflow is loaded, so that it is like that as well.
async fn begin(session: &BrowserSession, scheme: Scheme) -> Result<()> {
    session.open("/").await?;
    prefer(session, scheme).await
}

/// Goes to one of them and looks, and closes the windows that it opened.
async fn pass(
    session: &BrowserSession,
    name: &str,
    reach: impl Future<Output = Result<()>>,
    look: &impl AsyncFn(&BrowserSession, &str) -> Result<()>,
) -> Result<()> {
    let page = session.browser.tab().await?;
    let seen = async {
        reach.await?;
        look(session, name).await
    };
    seen.await.with_context(|| format!("at {name}"))?;
    for tab in session.browser.tabs().await? {
        if tab != page {
            session.browser.switch_to(&tab).await?;
            session.browser.close_tab().await?;
        }
    }
    session.browser.switch_to(&page).await
}

/// Makes browser and deployment forget what another state took.
async fn clear(session: &BrowserSession) -> Result<()> {
    session.deployment.restore();
    session.deployment.refuse(false);
    session.deployment.login.resume().await?;
    session.deployment.upstream.resume().await?;
    provider(session)?.faults().clear_all();
    users::begin_anew(session).await?;
    // The provider remembers users; it is another port of this host.
    Ok(session.browser.driver.delete_all_cookies().await?)
}

async fn sign_in_card(session: &BrowserSession) -> Result<()> {
    session.open("/#/experiments").await?;
    session.read("#sign-in", "Sign in").await
}

/// Sets a key of `config.json`.
async fn configure(session: &BrowserSession, key: &str, value: Value) -> Result<()> {
    let good = client::get(&format!("{}/config.json", session.deployment.origin), &[]).await?;
    let mut config = good.json();
    config[key] = value;
    session
        .deployment
        .replace("/config.json", &config.to_string());
    Ok(())
}
