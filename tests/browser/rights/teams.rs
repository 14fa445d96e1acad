//! What a member of a team sees of MLflow: the pages of the team's experiment, whole,
//! and nothing of another's.

use std::fs;

use anyhow::ensure;
use shell_idp::DEVELOPMENT_PASSWORD;
use shell_tests::{
    deployment::Login,
    driver::Engine,
    environment::{self, Demo},
    scenario::scenario_in,
};

use super::{READER, denied, pages, settled};

/// The demo data's experiments; the first is the team's.
const EXPERIMENTS: [&str; 2] = ["churn", "forecast"];

/// Readers are a team; what belongs to no experiment is for everyone.
const POLICY: &str = r#"{"rules": [
    {"name": "pages", "groups": ["readers"], "allow": {
        "server": ["read"], "gateway": ["read"], "jobs": ["read"], "skills": ["read"],
        "mcp-servers": ["read"], "assistant": ["read"], "users": ["read"], "workspaces": ["read"]}},
    {"name": "team", "groups": ["readers"], "experiments": ["churn"], "models": ["MODEL"],
     "allow": {"experiments": ["read"], "runs": ["read"], "artifacts": ["read"],
               "logged-models": ["read"], "traces": ["read"], "datasets": ["read"],
               "scorers": ["read"], "reviews": ["read"], "issues": ["read"],
               "registered-models": ["read"]}},
    {"name": "all", "groups": ["admins"], "allow": "everything"}
]}"#;

/// What pages ask for that is of no experiment: the schedules of judges by their ids, and
/// on the page of judges traces in no experiment (`{"locations": []}`, MLflow 3.18.0).
const OF_NO_EXPERIMENT: [(&str, &str); 2] = [
    ("/judges", "/scorers/online-configs"),
    ("/judges", "/mlflow/traces/search"),
];

fn policy(demo: &Demo) -> String {
    POLICY.replace("MODEL", &demo.model)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_sees_every_page_of_its_experiment_without_a_denial() {
    let demo = environment::demo();
    let spec = Login::Development.with_policy(&policy(&demo));
    scenario_in(&[Engine::Chromium], "rights-team", spec, async |session| {
        session.open("/#/experiments").await?;
        session.sign_in(READER, DEVELOPMENT_PASSWORD).await?;
        let [own, other] = EXPERIMENTS;
        session.see(&[own]).await?;
        let shown = session.frame_text().await?;
        ensure!(!shown.contains(other), "{other} is listed: {shown}");
        if let Some(folder) = environment::shots() {
            let picture = session.browser.driver.screenshot_as_png().await?;
            fs::write(folder.join("team.png"), picture)?;
        }
        for page in pages(&demo) {
            let mark = session.deployment.record.mark();
            session.visit(&page).await?;
            let asked = settled(session, mark).await?;
            let denied = denied(&asked).into_iter();
            let is_meant = |path: &&str| {
                let mut known = OF_NO_EXPERIMENT.iter();
                !known.any(|(on, end)| page.ends_with(on) && path.ends_with(end))
            };
            let denied: Vec<&str> = denied.filter(is_meant).collect();
            ensure!(denied.is_empty(), "{page}: denied {denied:?}");
        }
        Ok(())
    })
    .await;
}
