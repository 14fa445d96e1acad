//! What is shown where there are several MLflow servers.

use anyhow::Result;
use shell_idp::{DEVELOPMENT_PASSWORD, User};
use shell_tests::{
    browser_session::BrowserSession,
    deployment::{DeploymentSpec, Login},
};

use super::{GROUPS, LONG, clear};
use crate::session::renewal::provider;

/// As long as the names of servers may be.
const CHOSEN: &str = "quantitative-research-production";

/// The deployment.
pub(super) fn spec() -> DeploymentSpec {
    Login::Development
        .with_upstream("dev", &[])
        .with_upstream(CHOSEN, &["readers"])
        .running()
}

/// Goes to the bar with everything in it, and all of it long.
pub(super) async fn reach(session: &BrowserSession) -> Result<()> {
    clear(session).await?;
    provider(session)?.put_user(User::new(LONG, GROUPS));
    session
        .open(&format!("/?upstream={CHOSEN}#/experiments"))
        .await?;
    session.sign_in(LONG, DEVELOPMENT_PASSWORD).await?;
    session.see(&["churn"]).await?;
    session.read("#upstream", CHOSEN).await
}
