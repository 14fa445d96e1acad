//! Browsers stop workers at any time: no user notices.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::json;
use shell_idp::Fault;
use shell_tests::{
    browser_session::BrowserSession,
    deployment::{DeploymentSpec, Login},
    driver::Engine,
    scenario::Scenario,
    upstream::SLOW,
    wait,
};

use super::{
    batch::{self, all_well},
    renewal::{provider, until_over},
};
use crate::users::{self, ADMIN};

/// The engines whose workers a test can stop.
const MORTAL: [Engine; 2] = [Engine::Chromium, Engine::Firefox];

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_worker_takes_the_session_up_where_it_was() {
    mortal("stopped", Login::Development)
        .in_every_engine()
        .run(survive)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_device_keeps_the_session_as_well_as_the_pages() {
    let spec = Login::Development.with_config("session", json!({ "keep": "on-device" }));
    mortal("stopped-device", spec).run(survive).await;
}

async fn survive(session: &BrowserSession) -> Result<()> {
    users::begin_work(session).await?;
    let (mark, exchanges) = (session.deployment.record.mark(), exchanges(session)?);
    for _ in 0..3 {
        ensure!(session.browser.kill_worker().await?, "it was not stopped");
        let counts = batch::make(session, 10).await?;
        ensure!(counts == all_well(10), "{counts:?}");
    }
    session.read("#user", ADMIN).await?;
    ensure!(session.loads_since(mark) == 0, "the page was loaded again");
    ensure!(self::exchanges(session)? == exchanges, "another sign-in");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_stopped_while_it_renews_renews_again() {
    let spec = Login::Development.token_lifetime(3).rotating(10);
    let scenario = Scenario::new("stopped-renewing", spec).only_in(&[Engine::Chromium]);
    scenario
        .run(async |session| {
            users::begin_work(session).await?;
            let provider = provider(session)?;
            provider.faults().set(Fault::TokenHeld);
            until_over(session).await?;
            let before = provider.counts().refreshes;
            batch::begin(session, "held", 50, &batch::get(batch::API)).await?;
            wait::until("a refresh to be asked for", async || {
                Ok((provider.counts().refreshes > before).then_some(()))
            })
            .await?;

            ensure!(session.browser.kill_worker().await?, "it was not stopped");
            provider.faults().clear_all();

            let counts = batch::outcome(session, "held").await?;
            ensure!(counts == all_well(50), "{counts:?}");
            let counts = batch::make(session, 10).await?;
            ensure!(counts == all_well(10), "{counts:?}");
            session.read("#user", ADMIN).await
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_on_disk_opens_once_the_last_page_is_closed() {
    let outcome = "Sign in to see your experiments";
    mortal("closed", Login::Development)
        .in_every_engine()
        .run(async |session| close_and_return(session, outcome).await)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_on_the_device_survives_the_last_page() {
    let spec = Login::Development.with_config("session", json!({ "keep": "on-device" }));
    mortal("closed-device", spec)
        .run(async |session| close_and_return(session, ADMIN).await)
        .await;
}

/// A hostile script seals the session anew with a key that it could carry away:
/// the session ends, and the next one has a key of its own.
#[tokio::test(flavor = "multi_thread")]
async fn no_key_is_used_that_another_script_left_on_the_device() {
    let spec = Login::Development.with_config("session", json!({ "keep": "on-device" }));
    mortal("forged-key", spec)
        .run(async |session| {
            users::begin_work(session).await?;
            session.run(&on_device(FORGE)).await?;
            return_to(session, "Sign in to see your experiments").await?;

            // The provider still remembers who signed in.
            session.click("#sign-in").await?;
            session.read("#user", ADMIN).await?;
            let script = on_device("return (await get(KEY)).extractable;");
            let extractable = session.run(&script).await?;
            ensure!(extractable == json!(false), "the forged key is in use");
            return_to(session, ADMIN).await
        })
        .await;
}

/// Opens the session as only code of this origin can, and seals it with another
/// key, which can be read out.
const FORGE: &str = "\
    const gcm = (iv) => ({ name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(SESSION) }); \
    const [nonce, data] = await get(SESSION); \
    const text = await crypto.subtle.decrypt(gcm(nonce), await get(KEY), data); \
    const algorithm = { name: 'AES-GCM', length: 256 }; \
    const forged = await crypto.subtle.generateKey(algorithm, true, ['encrypt', 'decrypt']); \
    const iv = crypto.getRandomValues(new Uint8Array(12)); \
    const sealed = await crypto.subtle.encrypt(gcm(iv), forged, text); \
    await put(KEY, forged); \
    await put(SESSION, [iv, sealed]);";

/// A script that works on what is stored.
fn on_device(script: &str) -> String {
    format!(
        "const [SESSION, KEY] = ['session', 'session-key']; \
         const done = (request) => new Promise((resolve, reject) => {{ \
             request.onsuccess = () => resolve(request.result); \
             request.onerror = () => reject(request.error); }}); \
         const values = async () => (await done(indexedDB.open('mlflow-auth-shell', 1))) \
             .transaction('values', 'readwrite').objectStore('values'); \
         const get = async (name) => done((await values()).get(name)); \
         const put = async (name, value) => done((await values()).put(value, name)); \
         return (async () => {{ {script} }})();"
    )
}

/// Closes every page, lets the worker die, and comes back.
async fn close_and_return(session: &BrowserSession, outcome: &str) -> Result<()> {
    users::begin_work(session).await?;
    return_to(session, outcome).await
}

async fn return_to(session: &BrowserSession, outcome: &str) -> Result<()> {
    session.browser.driver.goto("about:blank").await?;
    ensure!(session.browser.kill_worker().await?, "it was not stopped");

    session.paste("/#/experiments").await?;

    wait::until(outcome, async || {
        let shown = session.run("return document.body.innerText;").await?;
        let shown = shown.as_str().unwrap_or_default().to_owned();
        Ok(shown.contains(outcome).then_some(()))
    })
    .await
}

/// Longer than any engine leaves a worker without an event.
const IDLE_LIFE: Duration = Duration::from_secs(35);

/// Firefox comes first because it is the one that stops a worker whatever it is
/// doing, 30 s after its last event. What keeps the worker awake comes less often
/// than once a second, so a shorter life would show something else.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_answer_is_read_to_its_end_also_in_a_hidden_tab() {
    const SECONDS: usize = 40;
    Scenario::new("long", Login::Development)
        .only_in(&[Engine::Firefox, Engine::Chromium, Engine::WebKit])
        .run(async |session| {
            users::begin_work(session).await?;
            let read = format!(
                "fetch('{SLOW}?seconds={SECONDS}').then(async (answer) => ({{ \
                 status: (await answer.text()).length }}))"
            );
            batch::begin(session, "long", 1, &read).await?;
            let page = session.browser.tab().await?;
            session.browser.open_tab().await?;
            session.browser.driver.goto("about:blank").await?;
            let hidden = Instant::now();
            wait::until("the worker's usual life to be over", async || {
                Ok((hidden.elapsed() > IDLE_LIFE).then_some(()))
            })
            .await?;
            session.browser.switch_to(&page).await?;

            let counts = batch::outcome(session, "long").await?;

            let whole = (2 * SECONDS).to_string();
            ensure!(
                counts == batch::StatusCounts::from([(whole, 1)]),
                "{counts:?}"
            );
            Ok(())
        })
        .await;
}

fn mortal(name: &'static str, spec: impl Into<DeploymentSpec>) -> Scenario {
    Scenario::new(name, spec).only_in(&MORTAL)
}

/// How many sign-ins there were.
pub(super) fn exchanges(session: &BrowserSession) -> Result<u64> {
    Ok(provider(session)?.counts().exchanges)
}
