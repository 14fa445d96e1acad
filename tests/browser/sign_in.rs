//! Sign-ins that go wrong before the browser returns.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use shell_idp::DEVELOPMENT_PASSWORD;
use shell_tests::{
    browser_session::BrowserSession, client, deployment::Login, environment, scenario::scenario,
};

use crate::{
    users::{self, ADMIN},
    work,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_can_be_corrected() {
    scenario("wrong-password", Login::Development, async |session| {
        session.open("/#/experiments").await?;
        session.click("#sign-in").await?;
        session.submit(ADMIN, "wrong").await?;
        session
            .read("[role=alert]", "Incorrect username or password.")
            .await?;

        session.submit(ADMIN, DEVELOPMENT_PASSWORD).await?;

        session.read("#user", ADMIN).await?;
        session.be_at("#/experiments").await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_a_run_that_is_opened_signed_out_leads_there() {
    let demo = environment::demo();
    scenario("deep-link", Login::Development, async |session| {
        let run = work::run(&demo);
        session.open(&format!("/{run}")).await?;
        users::sign_in(session).await?;
        session.be_at(&run).await?;
        session.see(&["showcase", "learning_rate"]).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_down_is_no_dead_end() {
    scenario("provider-down", Login::Development, async |session| {
        session.open("/#/experiments").await?;
        session.read("#sign-in", "Sign in").await?;
        let mark = session.deployment.record.mark();
        session.deployment.login.stop();

        session.click("#sign-in").await?;
        session.be_told("provider-down").await?;
        ensure!(session.loads_since(mark) == 0, "the page was loaded again");

        session.deployment.login.resume().await?;
        users::sign_in(session).await?;
        session.be_at("#/experiments").await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_configuration_names_its_key() {
    scenario("configuration", Login::Development, async |session| {
        let good = client::get(&format!("{}/config.json", session.deployment.origin), &[]).await?;
        for (config, code, words) in wrong_configurations(&good.json()) {
            session.deployment.replace("/config.json", &config);
            let mark = session.deployment.record.mark();

            session.open("/").await?;

            session.be_told(code).await?;
            session.read(".card", &words).await?;
            ensure!(session.loads_since(mark) <= 2, "a loop at {config}");
        }
        session.deployment.restore();
        session.open("/").await?;
        session.read("#sign-in", "Sign in").await
    })
    .await;
}

fn wrong_configurations(good: &Value) -> Vec<(String, &'static str, String)> {
    let with = |change: &dyn Fn(&mut Value)| {
        let mut config = good.clone();
        change(&mut config);
        config.to_string()
    };
    vec![
        ("{".into(), "config", "config.json".into()),
        ("<!doctype html>".into(), "config", "config.json".into()),
        (
            with(&|config| config["colour"] = json!("red")),
            "config",
            "colour".into(),
        ),
        (
            with(&|config| config["provider"]["client_id"] = json!("")),
            "config",
            "provider.client_id".into(),
        ),
        (
            with(&|config| config["provider"]["domain"] = json!("not a place")),
            "config",
            "provider.domain".into(),
        ),
        (
            with(&|config| config["origin"] = json!("http://localhost:1")),
            "foreign-origin",
            "http://localhost:1".into(),
        ),
    ]
}

/// Begins a sign-in, and returns the query the provider was sent.
pub(crate) async fn begin(session: &BrowserSession) -> Result<String> {
    session.open("/#/experiments").await?;
    session.click("#sign-in").await?;
    session.read("button[type=submit]", "Sign in").await?;
    let address = session.browser.driver.current_url().await?;
    Ok(address.query().unwrap_or_default().to_owned())
}

/// Submits the provider's form behind the browser's back, and returns where
/// the provider would have sent it.
pub(crate) async fn callback(session: &BrowserSession, query: &str) -> Result<String> {
    let login = format!("{}/login?{query}", session.deployment.login.origin());
    let form = [("username", ADMIN), ("password", DEVELOPMENT_PASSWORD)];
    let answer = client::post_form(&login, &form).await?;
    let location = answer.header("location");
    let path = location.strip_prefix(&session.deployment.origin);
    Ok(path.unwrap_or_default().to_owned())
}
