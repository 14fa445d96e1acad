//! CloudFront has the site, and the API is on another origin.

use anyhow::{Result, ensure};
use serde_json::json;
use shell_tests::{
    api_gateway::Source,
    browser_session::BrowserSession,
    deployment::{DeploymentSpec, Login},
    deployment_spec::Hosting,
    driver::Engine,
    embedder::Embedder,
    environment,
    record::{Bearer, Recipient, Record},
    scenario::{Scenario, scenario, scenario_in},
    upstream::{AWAY, ECHO},
};

use super::scenes::{self, SIZE, aws, told, upload};
use crate::{
    session::batch::{self, all_well},
    users,
};

fn spec() -> DeploymentSpec {
    Login::Development.on(Hosting::TwoOrigins)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_works_with_an_api_on_another_origin() {
    let demo = environment::demo();
    scenario("aws-elsewhere", spec(), async |session| {
        scenes::work(session, &demo).await?;
        refuse_guarded_at_site(session)?;
        look_at_preflights(session)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_works_with_it_inside_a_foreign_site() {
    let embedder = Embedder::start().await.expect("a foreign site starts");
    let spec = spec().with_config("frame_ancestors", json!([embedder.origin()]));
    let demo = environment::demo();
    scenario_in(
        &[Engine::Chromium],
        "aws-elsewhere-framed",
        spec,
        async |session| {
            scenes::work_framed(session, &demo, &embedder).await?;
            refuse_guarded_at_site(session)
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_is_told_there_as_well_what_is_refused() {
    let demo = environment::demo();
    scenario_in(
        &[Engine::Chromium],
        "aws-elsewhere-reader",
        spec(),
        async |session| scenes::read(session, &demo).await,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_arrive_whole_and_once_after_a_401() {
    Scenario::new("aws-elsewhere-uploads", spec())
        .in_every_engine()
        .run(async |session| {
            scenes::be_refused_once(session).await?;
            for method in ["PUT", "PATCH"] {
                batch::begin(session, "uploads", 2, &upload(method, SIZE)).await?;
                let counts = batch::outcome(session, "uploads").await?;
                let expected = batch::StatusCounts::from([("200-whole".to_owned(), 2)]);
                ensure!(counts == expected, "{method}: {counts:?}");
            }
            Ok(())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_that_leads_away_or_cannot_be_read_ends_no_session() {
    scenario("aws-elsewhere-outage", spec(), async |session| {
        users::begin_work(session).await?;
        refuse_documents(session).await?;
        refuse_redirects(session).await?;
        look_at_outages(session).await?;
        let counts = batch::make(session, 3).await?;
        ensure!(counts == all_well(3), "{counts:?}");
        session.read("#user", users::ADMIN).await
    })
    .await;
}

/// Nothing that the API answers with becomes a document of this site, whether or
/// not the API says that it is an attachment.
async fn refuse_documents(session: &BrowserSession) -> Result<()> {
    let names = "content-disposition content-security-policy x-content-type-options";
    let script = format!(
        "return fetch('{ECHO}').then(({{ headers }}) => \
         '{names}'.split(' ').map((name) => headers.get(name)).join(' '));"
    );
    let told = session.run(&script).await?;
    ensure!(told == "attachment sandbox nosniff", "{told}");
    Ok(())
}

async fn refuse_redirects(session: &BrowserSession) -> Result<()> {
    let other = session.deployment.other.origin();
    let status = session.status_of(&format!("{AWAY}?to={other}/")).await?;
    ensure!(status == 502, "{status}");
    let asked = session.deployment.record.since(session.begin);
    let sent = asked
        .iter()
        .any(|it| it.path.ends_with("/away") && it.status == Some(307));
    ensure!(sent, "there was no redirect");
    ensure!(
        asked.iter().all(|it| it.recipient != Recipient::Other),
        "it was followed"
    );
    Ok(())
}

/// An API that is gone, and errors that no other origin may read: that a
/// request is too large, and a 401 where CORS is not configured.
async fn look_at_outages(session: &BrowserSession) -> Result<()> {
    let api = aws(session)?;
    let unreachable = "502 TEMPORARILY_UNAVAILABLE";
    let look = async |what: &str, size: usize| {
        let told = told(session, "runs/log-batch", size).await?;
        ensure!(told.starts_with(unreachable), "{what}: {told}");
        Ok(())
    };
    api.server.stop();
    look("no API", 0).await?;
    api.server.resume().await?;
    look("11 MB", 11 * 1024 * 1024).await?;

    let before = api.gateway.api();
    api.gateway.change(|api| {
        api.responses.clear();
        api.caching.sources = &[Source::Header("x-nowhere")];
    });
    look("a 401 without CORS", 0).await?;
    api.gateway.change(|api| *api = before);
    Ok(())
}

/// Fails if the site was asked what only the API answers.
fn refuse_guarded_at_site(session: &BrowserSession) -> Result<()> {
    let records = session.deployment.record.since(session.begin);
    let is_stray = |it: &&Record| it.recipient == Recipient::Gateway && it.bearer != Bearer::None;
    let stray = records.iter().find(is_stray);
    ensure!(stray.is_none(), "the site was shown a token: {stray:?}");
    Ok(())
}

/// Fails unless browsers asked for leave, and got it without a token.
#[expect(clippy::print_stdout, reason = "the counts are what is to be shown")]
fn look_at_preflights(session: &BrowserSession) -> Result<()> {
    let mut records = session.deployment.record.since(session.begin);
    records.retain(|it| it.recipient == Recipient::Api);
    let all = records.len();
    records.retain(Record::is_preflight);
    println!(
        "{}: {} of {all} requests to the API asked for leave",
        session.engine,
        records.len()
    );
    ensure!(!records.is_empty(), "there was no preflight");
    let bad = records
        .iter()
        .find(|it| it.status != Some(204) || it.bearer != Bearer::None);
    ensure!(bad.is_none(), "{bad:?}");
    Ok(())
}
