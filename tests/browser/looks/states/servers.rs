//! What is shown where there are several MLflow servers.

use anyhow::Result;
use shell_idp::{DEVELOPMENT_PASSWORD, User};
use shell_tests::{
    stage::Stage,
    world::{Login, Plan},
};

use super::{GROUPS, LONG, clear};
use crate::session::renewal::provider;

/// As long as the names of servers may be.
const CHOSEN: &str = "quantitative-research-production";

/// The deployment.
pub(super) fn plan() -> Plan {
    Login::Development
        .with_upstream("dev", &[])
        .with_upstream(CHOSEN, &["readers"])
        .running()
}

/// Goes to the bar with everything in it, and all of it long.
pub(super) async fn reach(stage: &Stage) -> Result<()> {
    clear(stage).await?;
    provider(stage)?.put_user(User::new(LONG, GROUPS));
    stage
        .open(&format!("/?upstream={CHOSEN}#/experiments"))
        .await?;
    stage.sign_in(LONG, DEVELOPMENT_PASSWORD).await?;
    stage.see(&["churn"]).await?;
    stage.read("#upstream", CHOSEN).await
}
