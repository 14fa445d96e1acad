//! What people do on either kind of hosting.

use anyhow::{Context, Result, ensure};
use shell_idp::{DEVELOPMENT_PASSWORD, Fault};
use shell_tests::{
    api_gateway::Source,
    aws::AwsApi,
    browser_session::BrowserSession,
    embedder::{Embedder, Sandbox},
    environment::Demo,
    record::Recipient,
    upstream::ECHO,
};

use super::refuse_stray_tokens;
use crate::{
    framed,
    rights::READER,
    session::{
        batch::{self, all_well},
        renewal::{granted, provider, until_asked, until_over},
    },
    users, work,
};

/// What is uploaded, in bytes.
pub(super) const SIZE: usize = 5 * 1024 * 1024;

/// Signs in, does all that MLflow is for, and signs out.
pub(super) async fn work(session: &BrowserSession, demo: &Demo) -> Result<()> {
    session.open("/#/experiments").await?;
    users::sign_in(session).await?;
    session.see(&["churn", "forecast", "images"]).await?;

    work::round(session, demo).await?;
    ask_each_time(session).await?;

    refuse_stray_tokens(session)?;
    users::sign_out(session).await
}

/// Fails if the browser keeps an answer that needed a token, although
/// the response allows it to be cached.
async fn ask_each_time(session: &BrowserSession) -> Result<()> {
    let mark = session.deployment.record.mark();
    let script = format!(
        "const get = () => fetch('{ECHO}').then((answer) => answer.status); \
         return get().then((first) => get().then((second) => [first, second].join(' ')));"
    );
    let told = session.run(&script).await?;
    ensure!(told == "200 200", "{told}");
    let mut asked = session.deployment.record.since(mark);
    asked.retain(|it| it.recipient == Recipient::Upstream && it.path.ends_with("/echo"));
    ensure!(asked.len() == 2, "{asked:?}");
    Ok(())
}

/// The same inside a page of `embedder`.
pub(super) async fn work_framed(
    session: &BrowserSession,
    demo: &Demo,
    embedder: &Embedder,
) -> Result<()> {
    let run = work::run(demo);
    let path = format!("/{run}");
    session
        .open_framed(embedder, &path, Sandbox::Absent)
        .await?;
    let page = session.browser.tab().await?;
    framed::sign_in(session, &page).await?;

    session.be_at(&run).await?;
    work::round(session, demo).await?;

    refuse_stray_tokens(session)?;
    framed::sign_out(session).await
}

/// Looks around as a reader, and tries to change something.
pub(super) async fn read(session: &BrowserSession, demo: &Demo) -> Result<()> {
    session.open("/#/experiments").await?;
    session.sign_in(READER, DEVELOPMENT_PASSWORD).await?;
    session.see(&["churn", "forecast", "images"]).await?;
    session.visit(&work::run(demo)).await?;
    session.see(&["showcase", "learning_rate"]).await?;

    let told = told(session, "runs/delete", 0).await?;

    let words = "Your groups do not allow this.";
    ensure!(told.starts_with("403 PERMISSION_DENIED"), "{told}");
    ensure!(told.contains(words), "{told}");
    session.read(".toast", words).await?;
    let asked = session.deployment.record.of(Recipient::Upstream);
    let reached = asked.iter().any(|it| it.path.ends_with("runs/delete"));
    ensure!(!reached, "MLflow was asked");
    refuse_stray_tokens(session)
}

/// Makes many requests at once with a token that has ended.
pub(super) async fn outlive_a_token(session: &BrowserSession) -> Result<()> {
    users::begin_work(session).await?;
    let (provider, refreshes) = (provider(session)?, granted(session)?);
    provider.faults().set(Fault::TokenHeld);
    until_over(session).await?;
    let mark = session.deployment.record.mark();

    batch::begin(session, "batch", 20, &batch::get(batch::API)).await?;
    until_asked(provider, refreshes).await?;
    provider.faults().clear(Fault::TokenHeld);

    let counts = batch::outcome(session, "batch").await?;
    ensure!(counts == all_well(20), "{counts:?}");
    ensure!(granted(session)? == refreshes + 1, "not one refresh");
    let failures = session.deployment.record.failures_since(mark);
    ensure!(failures.is_empty(), "{failures:?}");
    Ok(())
}

/// Uploads something while API Gateway takes no token at all.
pub(super) async fn be_refused_once(session: &BrowserSession) -> Result<()> {
    users::begin_work(session).await?;
    let (provider, refreshes) = (provider(session)?, granted(session)?);
    provider.faults().set(Fault::TokenHeld);
    let gateway = &aws(session)?.gateway;
    let before = gateway.api();
    gateway.change(|api| api.caching.sources = &[Source::Header("x-nowhere")]);

    let post = upload("POST", SIZE);
    batch::begin(session, "posts", 3, &post).await?;
    until_asked(provider, refreshes).await?;
    gateway.change(|api| *api = before);
    provider.faults().clear(Fault::TokenHeld);

    let counts = batch::outcome(session, "posts").await?;
    let expected = batch::StatusCounts::from([("200-whole".to_owned(), 3)]);
    ensure!(counts == expected, "{counts:?}");
    ensure!(granted(session)? == refreshes + 1, "not one refresh");
    // Who asks while the token is renewed is not sent with the old one.
    let refused = session.deployment.record.of(Recipient::Api);
    let refused = refused.iter().any(|it| it.status == Some(401));
    ensure!(refused, "API Gateway refused nothing");
    Ok(())
}

/// The API of the deployment.
pub(super) fn aws(session: &BrowserSession) -> Result<&AwsApi> {
    session.deployment.aws.as_ref().context("it is on AWS")
}

/// A script that sends `size` bytes, and says whether they arrived.
pub(super) fn upload(method: &str, size: usize) -> String {
    format!(
        "fetch('{ECHO}', {{ method: '{method}', body: 'abcdefgh'.repeat({size} / 8) }})\
         .then(async (answer) => {{ \
             const told = await answer.json(); \
             const bytes = new TextEncoder().encode('abcdefgh'.repeat({size} / 8)); \
             const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)); \
             const text = btoa(String.fromCharCode(...hash)) \
                 .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''); \
             const whole = told.method === '{method}' && told.length === {size} \
                 && told.sha256 === text; \
             return {{ status: answer.status + (whole ? '-whole' : '-broken') }}; }})"
    )
}

/// What MLflow's page is told when it posts something with so many spaces:
/// status, code, words.
pub(super) async fn told(session: &BrowserSession, endpoint: &str, size: usize) -> Result<String> {
    let script = format!(
        "return document.querySelector('#mlflow').contentWindow.fetch(\
         'ajax-api/2.0/mlflow/{endpoint}', {{ method: 'POST', body: '{{}}' + ' '.repeat({size}), \
         headers: {{ 'content-type': 'application/json' }} }})\
         .then(async (answer) => {{ const told = await answer.json(); \
         return [answer.status, told.error_code, told.message].join(' '); }}, String);"
    );
    let told = session.run(&script).await?;
    Ok(told.as_str().unwrap_or_default().to_owned())
}
