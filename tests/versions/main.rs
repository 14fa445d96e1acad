//! A round through the released UI of each MLflow that was started, with its
//! own server behind it: as an administrator, and as a reader.

mod artifacts;
mod changes;
mod report;
mod round;
mod ui;

use anyhow::Result;
use shell_tests::{
    browser_session::BrowserSession, deployment::Login, driver::Engine, environment, leaks,
    scenario::Scenario,
};

use crate::ui::Ui;

const ADMIN: &str = "mlflow-admin@example.com";
const READER: &str = "mlflow-reader@example.com";

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_looks_at_everything_and_changes_something() {
    everywhere(ADMIN, async |session, ui| {
        changes::make(session, ui).await?;
        changes::forge(session, ui).await?;
        changes::refuse_denials(session)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_looks_at_everything_and_is_told_what_is_not_for_readers() {
    everywhere(READER, async |session, ui| {
        changes::refuse_denials(session)?;
        changes::try_in_vain(session, ui).await
    })
    .await;
}

/// Plays the round and `then` the rest, in one version after another.
async fn everywhere(user: &str, then: impl AsyncFn(&BrowserSession, &Ui) -> Result<()>) {
    let servers = environment::tracking_servers();
    assert!(!servers.is_empty(), "no MLflow was started");
    for server in servers {
        let ui = Ui::of(&server);
        let role = user.split('@').next().unwrap_or_default();
        let name = format!("{}-{role}", server.version.replace('.', "-"));
        let spec = Login::Development.in_front_of(&server.url);
        Scenario::new(name, spec)
            .only_in(&[Engine::Chromium])
            .run(async |session| {
                round::look_at_everything(session, &ui, user).await?;
                then(session, &ui).await?;
                conclude(session, &ui, user).await
            })
            .await;
    }
}

async fn conclude(session: &BrowserSession, ui: &Ui, user: &str) -> Result<()> {
    let records = session.deployment.record.since(session.begin);
    let leaks = leaks::find(&records);
    leaks.refuse_bare()?;
    ui.refuse_other_paths(&records)?;
    ui.refuse_other_headers(session).await?;
    report::add(ui, user, &leaks)
}
