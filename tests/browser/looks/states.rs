//! All that the shell can show, and the way to each of it.

pub(crate) mod alone;
mod framed;
pub(crate) mod over;
mod servers;

use std::future::Future;

use anyhow::{Context, Result};
use serde_json::Value;
use shell_tests::{
    client,
    driver::{Engine, Scheme},
    embedder::Embedder,
    stage::{Stage, play_on},
    wait,
    world::{Login, Plan},
};

use crate::{framed::plan_for, people, session::renewal::provider};

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
pub(crate) fn plan() -> Plan {
    Login::Development.running()
}

/// Goes through all of them in Chromium, on a system that is like `scheme`,
/// and tells `look` what a picture of each is called.
pub(crate) async fn visit(
    name: &'static str,
    scheme: Scheme,
    look: impl AsyncFn(&Stage, &str) -> Result<()>,
) {
    let embedder = Embedder::start().await.expect("a foreign site starts");
    let plan = plan_for(&embedder).running();
    play_on(&[Engine::Chromium], name, plan, async |stage| {
        begin(stage, scheme).await?;
        for (name, state) in alone::STATES {
            pass(stage, name, state.reach(stage), &look).await?;
        }
        for (name, state) in over::STATES {
            pass(stage, name, state.reach(stage), &look).await?;
        }
        for (name, state) in framed::STATES {
            pass(stage, name, state.reach(stage, &embedder), &look).await?;
        }
        Ok(())
    })
    .await;
    play_on(&[Engine::Chromium], name, servers::plan(), async |stage| {
        begin(stage, scheme).await?;
        pass(stage, "servers", servers::reach(stage), &look).await
    })
    .await;
}

/// Gives the browser so much room, and waits until the shell has it, which in
/// another site's frame is a little less and a little later.
pub(crate) async fn widen_to(stage: &Stage, width: u32) -> Result<()> {
    stage.browser.widen_to(width).await?;
    let script = format!("return innerWidth <= {width} && innerWidth > 0.9 * {width};");
    wait::until(&format!("{width} pixels"), async || {
        Ok((stage.run(&script).await? == true).then_some(()))
    })
    .await
}

/// Makes the shell's document like that, wherever it is.
pub(crate) async fn prefer(stage: &Stage, scheme: Scheme) -> Result<()> {
    stage.enter_shell().await?;
    stage.browser.prefer(scheme).await
}

/// Before MLflow is loaded, so that it is like that as well.
async fn begin(stage: &Stage, scheme: Scheme) -> Result<()> {
    stage.open("/").await?;
    prefer(stage, scheme).await
}

/// Goes to one of them and looks, and closes the windows that it opened.
async fn pass(
    stage: &Stage,
    name: &str,
    reach: impl Future<Output = Result<()>>,
    look: &impl AsyncFn(&Stage, &str) -> Result<()>,
) -> Result<()> {
    let page = stage.browser.tab().await?;
    let seen = async {
        reach.await?;
        look(stage, name).await
    };
    seen.await.with_context(|| format!("at {name}"))?;
    for tab in stage.browser.tabs().await? {
        if tab != page {
            stage.browser.switch_to(&tab).await?;
            stage.browser.close_tab().await?;
        }
    }
    stage.browser.switch_to(&page).await
}

/// Makes browser and deployment forget what another state took.
async fn clear(stage: &Stage) -> Result<()> {
    stage.world.restore();
    stage.world.refuse(false);
    stage.world.login.resume().await?;
    stage.world.upstream.resume().await?;
    provider(stage)?.faults().clear_all();
    people::begin_anew(stage).await?;
    // The provider remembers people; it is another port of this host.
    Ok(stage.browser.driver.delete_all_cookies().await?)
}

async fn sign_in_card(stage: &Stage) -> Result<()> {
    stage.open("/#/experiments").await?;
    stage.read("#sign-in", "Sign in").await
}

/// Sets a key of `config.json`.
async fn configure(stage: &Stage, key: &str, value: Value) -> Result<()> {
    let good = client::get(&format!("{}/config.json", stage.world.origin), &[]).await?;
    let mut config = good.json();
    config[key] = value;
    stage.world.replace("/config.json", &config.to_string());
    Ok(())
}
