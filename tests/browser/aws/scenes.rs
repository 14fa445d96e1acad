//! What people do on either kind of hosting.

use anyhow::{Context, Result, ensure};
use shell_idp::{DEVELOPMENT_PASSWORD, Fault};
use shell_tests::{
    api_gateway::Source,
    embedder::{Embedder, Sandbox},
    environment::Demo,
    hosted::Hosted,
    record::Place,
    stage::Stage,
    upstream::ECHO,
};

use super::refuse_stray_tokens;
use crate::{
    framed, people,
    rights::READER,
    session::{
        batch::{self, all_well},
        renewal::{granted, provider, until_asked, until_over},
    },
    work,
};

/// What is uploaded, in bytes.
pub(super) const SIZE: usize = 5 * 1024 * 1024;

/// Signs in, does all that MLflow is for, and signs out.
pub(super) async fn work(stage: &Stage, demo: &Demo) -> Result<()> {
    stage.open("/#/experiments").await?;
    people::sign_in(stage).await?;
    stage.see(&["churn", "forecast", "images"]).await?;

    work::round(stage, demo).await?;
    ask_each_time(stage).await?;

    refuse_stray_tokens(stage)?;
    people::sign_out(stage).await
}

/// Fails if the browser keeps an answer that needed a token, although whoever
/// answers lets everybody keep it.
async fn ask_each_time(stage: &Stage) -> Result<()> {
    let mark = stage.world.record.mark();
    let script = format!(
        "const get = () => fetch('{ECHO}').then((answer) => answer.status); \
         return get().then((first) => get().then((second) => [first, second].join(' ')));"
    );
    let told = stage.run(&script).await?;
    ensure!(told == "200 200", "{told}");
    let mut asked = stage.world.record.since(mark);
    asked.retain(|it| it.place == Place::Upstream && it.path.ends_with("/echo"));
    ensure!(asked.len() == 2, "{asked:?}");
    Ok(())
}

/// The same inside a page of `embedder`.
pub(super) async fn work_framed(stage: &Stage, demo: &Demo, embedder: &Embedder) -> Result<()> {
    let run = work::run(demo);
    let path = format!("/{run}");
    stage.open_framed(embedder, &path, Sandbox::Absent).await?;
    let page = stage.browser.tab().await?;
    framed::sign_in(stage, &page).await?;

    stage.be_at(&run).await?;
    work::round(stage, demo).await?;

    refuse_stray_tokens(stage)?;
    framed::sign_out(stage).await
}

/// Looks around as a reader, and tries to change something.
pub(super) async fn read(stage: &Stage, demo: &Demo) -> Result<()> {
    stage.open("/#/experiments").await?;
    stage.sign_in(READER, DEVELOPMENT_PASSWORD).await?;
    stage.see(&["churn", "forecast", "images"]).await?;
    stage.visit(&work::run(demo)).await?;
    stage.see(&["showcase", "learning_rate"]).await?;

    let told = told(stage, "runs/delete", 0).await?;

    let words = "Your groups do not allow this.";
    ensure!(told.starts_with("403 PERMISSION_DENIED"), "{told}");
    ensure!(told.contains(words), "{told}");
    stage.read(".toast", words).await?;
    let asked = stage.world.record.of(Place::Upstream);
    let reached = asked.iter().any(|it| it.path.ends_with("runs/delete"));
    ensure!(!reached, "MLflow was asked");
    refuse_stray_tokens(stage)
}

/// Makes many requests at once with a token that has ended.
pub(super) async fn outlive_a_token(stage: &Stage) -> Result<()> {
    people::begin_work(stage).await?;
    let (provider, refreshes) = (provider(stage)?, granted(stage)?);
    provider.faults().set(Fault::TokenHeld);
    until_over(stage).await?;
    let mark = stage.world.record.mark();

    batch::begin(stage, "batch", 20, &batch::get(batch::API)).await?;
    until_asked(provider, refreshes).await?;
    provider.faults().clear(Fault::TokenHeld);

    let tally = batch::outcome(stage, "batch").await?;
    ensure!(tally == all_well(20), "{tally:?}");
    ensure!(granted(stage)? == refreshes + 1, "not one refresh");
    let failures = stage.world.record.failures_since(mark);
    ensure!(failures.is_empty(), "{failures:?}");
    Ok(())
}

/// Uploads something while API Gateway takes no token at all.
pub(super) async fn be_refused_once(stage: &Stage) -> Result<()> {
    people::begin_work(stage).await?;
    let (provider, refreshes) = (provider(stage)?, granted(stage)?);
    provider.faults().set(Fault::TokenHeld);
    let gateway = &hosted(stage)?.gateway;
    let before = gateway.api();
    gateway.change(|api| api.caching.sources = &[Source::Header("x-nowhere")]);

    let post = upload("POST", SIZE);
    batch::begin(stage, "posts", 3, &post).await?;
    until_asked(provider, refreshes).await?;
    gateway.change(|api| *api = before);
    provider.faults().clear(Fault::TokenHeld);

    let tally = batch::outcome(stage, "posts").await?;
    let expected = batch::Tally::from([("200-whole".to_owned(), 3)]);
    ensure!(tally == expected, "{tally:?}");
    ensure!(granted(stage)? == refreshes + 1, "not one refresh");
    // Who asks while the token is renewed is not sent with the old one.
    let refused = stage.world.record.of(Place::Api);
    let refused = refused.iter().any(|it| it.status == Some(401));
    ensure!(refused, "API Gateway refused nothing");
    Ok(())
}

/// The API of the deployment.
pub(super) fn hosted(stage: &Stage) -> Result<&Hosted> {
    stage.world.hosted.as_ref().context("it is on AWS")
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
pub(super) async fn told(stage: &Stage, endpoint: &str, size: usize) -> Result<String> {
    let script = format!(
        "return document.querySelector('#mlflow').contentWindow.fetch(\
         'ajax-api/2.0/mlflow/{endpoint}', {{ method: 'POST', body: '{{}}' + ' '.repeat({size}), \
         headers: {{ 'content-type': 'application/json' }} }})\
         .then(async (answer) => {{ const told = await answer.json(); \
         return [answer.status, told.error_code, told.message].join(' '); }}, String);"
    );
    let told = stage.run(&script).await?;
    Ok(told.as_str().unwrap_or_default().to_owned())
}
