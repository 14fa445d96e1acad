//! CloudFront has the site, and the API is on another origin.

use anyhow::{Result, ensure};
use serde_json::json;
use shell_tests::{
    api_gateway::Source,
    driver::Engine,
    embedder::Embedder,
    environment,
    hosted::Hosting,
    record::{Bearer, Place, Record},
    stage::{Stage, play, play_on},
    upstream::{AWAY, ECHO},
    world::{Login, Plan},
};

use super::scenes::{self, SIZE, hosted, told, upload};
use crate::{
    people,
    session::batch::{self, all_well},
};

fn plan() -> Plan {
    Login::Development.on(Hosting::TwoOrigins)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_works_with_an_api_on_another_origin() {
    let demo = environment::demo();
    play("aws-elsewhere", plan(), async |stage| {
        scenes::work(stage, &demo).await?;
        refuse_guarded_at_site(stage)?;
        look_at_preflights(stage)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_works_with_it_inside_a_foreign_site() {
    let embedder = Embedder::start().await.expect("a foreign site starts");
    let plan = plan().with_config("frame_ancestors", json!([embedder.origin()]));
    let demo = environment::demo();
    play_on(
        &[Engine::Chromium],
        "aws-elsewhere-framed",
        plan,
        async |stage| {
            scenes::work_framed(stage, &demo, &embedder).await?;
            refuse_guarded_at_site(stage)
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_is_told_there_as_well_what_is_refused() {
    let demo = environment::demo();
    play_on(
        &[Engine::Chromium],
        "aws-elsewhere-reader",
        plan(),
        async |stage| scenes::read(stage, &demo).await,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_arrive_whole_and_once_after_a_401() {
    play("aws-elsewhere-uploads", plan(), async |stage| {
        scenes::be_refused_once(stage).await?;
        for method in ["PUT", "PATCH"] {
            batch::begin(stage, "uploads", 2, &upload(method, SIZE)).await?;
            let tally = batch::outcome(stage, "uploads").await?;
            let expected = batch::Tally::from([("200-whole".to_owned(), 2)]);
            ensure!(tally == expected, "{method}: {tally:?}");
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_that_leads_away_or_cannot_be_read_ends_no_session() {
    play("aws-elsewhere-outage", plan(), async |stage| {
        people::begin_work(stage).await?;
        refuse_documents(stage).await?;
        refuse_redirects(stage).await?;
        look_at_outages(stage).await?;
        let tally = batch::make(stage, 3).await?;
        ensure!(tally == all_well(3), "{tally:?}");
        stage.read("#user", people::ADMIN).await
    })
    .await;
}

/// Nothing that the API answers with becomes a document of this site, whether or
/// not the API says that it is an attachment.
async fn refuse_documents(stage: &Stage) -> Result<()> {
    let names = "content-disposition content-security-policy x-content-type-options";
    let script = format!(
        "return fetch('{ECHO}').then(({{ headers }}) => \
         '{names}'.split(' ').map((name) => headers.get(name)).join(' '));"
    );
    let told = stage.run(&script).await?;
    ensure!(told == "attachment sandbox nosniff", "{told}");
    Ok(())
}

async fn refuse_redirects(stage: &Stage) -> Result<()> {
    let other = stage.world.other.origin();
    let status = stage.status_of(&format!("{AWAY}?to={other}/")).await?;
    ensure!(status == 502, "{status}");
    let asked = stage.world.record.since(stage.begin);
    let sent = asked
        .iter()
        .any(|it| it.path.ends_with("/away") && it.status == Some(307));
    ensure!(sent, "there was no redirect");
    ensure!(
        asked.iter().all(|it| it.place != Place::Other),
        "it was followed"
    );
    Ok(())
}

/// An API that is gone, and errors that no other origin may read: that a
/// request is too large, and a 401 where CORS is not configured.
async fn look_at_outages(stage: &Stage) -> Result<()> {
    let api = hosted(stage)?;
    let unreachable = "502 TEMPORARILY_UNAVAILABLE";
    let look = async |what: &str, size: usize| {
        let told = told(stage, "runs/log-batch", size).await?;
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
fn refuse_guarded_at_site(stage: &Stage) -> Result<()> {
    let records = stage.world.record.since(stage.begin);
    let is_stray = |it: &&Record| it.place == Place::Gateway && it.bearer != Bearer::None;
    let stray = records.iter().find(is_stray);
    ensure!(stray.is_none(), "the site was shown a token: {stray:?}");
    Ok(())
}

/// Fails unless browsers asked for leave, and got it without a token.
#[expect(clippy::print_stdout, reason = "the counts are what is to be shown")]
fn look_at_preflights(stage: &Stage) -> Result<()> {
    let mut records = stage.world.record.since(stage.begin);
    records.retain(|it| it.place == Place::Api);
    let all = records.len();
    records.retain(Record::is_preflight);
    println!(
        "{}: {} of {all} requests to the API asked for leave",
        stage.engine,
        records.len()
    );
    ensure!(!records.is_empty(), "nobody asked for leave");
    let bad = records
        .iter()
        .find(|it| it.status != Some(204) || it.bearer != Bearer::None);
    ensure!(bad.is_none(), "{bad:?}");
    Ok(())
}
