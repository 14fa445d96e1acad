//! What another site can have a browser send, while a user is signed in.
//!
//! `service/initiators` has the whole table; here three engines show that they
//! do what it takes for granted.

use anyhow::{Result, ensure};
use serde_json::Value;
use shell_tests::{
    browser_session::BrowserSession,
    deployment::{DeploymentSpec, Login},
    deployment_spec::Hosting,
    embedder::{Embedder, Sandbox},
    record::{Bearer, Recipient, Record},
    scenario::{Scenario, scenario},
    upstream::ECHO,
    wait,
};

use crate::users;

/// The heading of the page that answers what another site may have begun.
const REFUSED: &str = "This cannot be opened like that";

/// The same in a spelling that leads there as well.
const ESCAPED: &str = "/mlflow/ajax-api%2F2.0/ech%6F";

/// All that a page can load, or send, without going there itself. What never
/// tells that it is done is given three seconds.
const LOAD: &str = "
    const settled = (element, begin) => new Promise((settle) => {
        element.onload = element.onerror = settle;
        setTimeout(settle, 3000);
        document.body.append(element);
        begin(element);
    });
    const element = (name, properties) =>
        Object.assign(document.createElement(name), properties);
    const asked = (init) => fetch(url, init).catch(() => {});
    const framed = element('iframe', { name: 'framed' });
    const form = element('form', { action: url, method: 'post', target: 'framed' });
    document.body.append(form);
    navigator.sendBeacon(url, 'x');
    Promise.all([
        settled(element('img'), (it) => { it.src = url; }),
        settled(element('script'), (it) => { it.src = url; }),
        settled(element('link', { rel: 'stylesheet' }), (it) => { it.href = url; }),
        settled(element('link', { rel: 'prefetch' }), (it) => { it.href = url; }),
        settled(element('iframe'), (it) => { it.src = url; }),
        settled(element('iframe', { referrerPolicy: 'no-referrer' }), (it) => { it.src = url; }),
        settled(element('object'), (it) => { it.data = url; }),
        settled(framed, () => form.submit()),
        asked({ mode: 'no-cors', credentials: 'include' }),
        asked({ mode: 'no-cors', method: 'POST', body: 'x', credentials: 'include' }),
        asked({ method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }),
        asked({ method: 'DELETE' }),
    ]).then(() => { document.documentElement.dataset.done = 'yes'; });";

/// All ways to take the tab itself there.
const GO: [&str; 4] = [
    "const form = document.createElement('form'); form.method = 'post'; form.action = url; \
     document.body.append(form); form.submit();",
    "const form = document.createElement('form'); form.method = 'post'; form.action = url; \
     form.enctype = 'text/plain'; document.body.append(form); form.submit();",
    "const form = document.createElement('form'); form.action = url; \
     document.body.append(form); form.submit();",
    "const link = document.createElement('a'); link.href = url; link.rel = 'noreferrer'; \
     document.body.append(link); link.click();",
];

#[tokio::test(flavor = "multi_thread")]
async fn another_site_calls_nothing_in_the_users_name() {
    Scenario::new("other-sites", Login::Development)
        .in_every_engine()
        .run(attack)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_site_calls_nothing_behind_api_gateway_either() {
    let spec: DeploymentSpec = Login::Development.on(Hosting::OneOrigin);
    scenario("aws-other-sites", spec, attack).await;
}

async fn attack(session: &BrowserSession) -> Result<()> {
    let embedder = Embedder::start().await?;
    users::begin_work(session).await?;
    let page = session.browser.tab().await?;
    let begin = session.deployment.record.mark();

    session.browser.open_tab().await?;
    for site in [embedder.origin(), embedder.same_site_origin()] {
        let home = embedder.page_at(&site, "about:blank", Sandbox::Absent);
        load_parts(session, &home).await?;
        for (way, path) in GO.into_iter().zip([ECHO, ESCAPED, ECHO, ESCAPED]) {
            session.browser.driver.goto(&home).await?;
            session.run_outside(&at(session, path, way)).await?;
            session.read("h1", REFUSED).await?;
        }
        session.browser.driver.goto(&home).await?;
        let reset = format!("location.href = '{}/?reset';", session.deployment.origin);
        session.run_outside(&reset).await?;
        session.read("#forget", "Forget and begin anew").await?;
    }
    let sent = session.deployment.record.since(begin);
    session.browser.close_tab().await?;
    session.browser.switch_to(&page).await?;

    ensure!(sent.iter().any(is_at_echo), "nothing was tried");
    let called = sent.iter().find(|it| is_at_echo(it) && is_called(it));
    ensure!(called.is_none(), "another site called it: {called:?}");
    // The user is as signed in as before, and calls it.
    let status = session.status_of(ECHO).await?;
    ensure!(status == 200, "{status}");
    Ok(())
}

async fn load_parts(session: &BrowserSession, home: &str) -> Result<()> {
    session.browser.driver.goto(home).await?;
    session.run_outside(&at(session, ECHO, LOAD)).await?;
    wait::until("all parts of the other site's page", async || {
        let done = "return document.documentElement.dataset.done ?? '';";
        Ok((session.run_outside(done).await? == "yes").then_some(()))
    })
    .await
}

fn at(session: &BrowserSession, path: &str, script: &str) -> String {
    let url = Value::from(format!("{}{path}", session.deployment.origin));
    format!("const url = {url}; {script}")
}

fn is_at_echo(record: &Record) -> bool {
    record.path.ends_with("/ajax-api/2.0/echo")
}

/// Whether it reached MLflow, or could have.
fn is_called(record: &Record) -> bool {
    record.recipient == Recipient::Upstream || record.bearer != Bearer::None
}
