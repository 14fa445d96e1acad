//! Sign-ins that go wrong before the browser returns.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use shell_idp::DEVELOPMENT_PASSWORD;
use shell_tests::{
    client, environment,
    stage::{Stage, play},
    world::Login,
};

use crate::{
    people::{self, ADMIN},
    work,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_can_be_corrected() {
    play("wrong-password", Login::Development, async |stage| {
        stage.open("/#/experiments").await?;
        stage.click("#sign-in").await?;
        stage.submit(ADMIN, "wrong").await?;
        stage
            .read("[role=alert]", "Incorrect username or password.")
            .await?;

        stage.submit(ADMIN, DEVELOPMENT_PASSWORD).await?;

        stage.read("#user", ADMIN).await?;
        stage.be_at("#/experiments").await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_a_run_that_is_opened_signed_out_leads_there() {
    let demo = environment::demo();
    play("deep-link", Login::Development, async |stage| {
        let run = work::run(&demo);
        stage.open(&format!("/{run}")).await?;
        people::sign_in(stage).await?;
        stage.be_at(&run).await?;
        stage.see(&["showcase", "learning_rate"]).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_down_is_no_dead_end() {
    play("provider-down", Login::Development, async |stage| {
        stage.open("/#/experiments").await?;
        stage.read("#sign-in", "Sign in").await?;
        let mark = stage.world.record.mark();
        stage.world.login.stop();

        stage.click("#sign-in").await?;
        stage.be_told("provider-down").await?;
        ensure!(stage.loads_since(mark) == 0, "the page was loaded again");

        stage.world.login.resume().await?;
        people::sign_in(stage).await?;
        stage.be_at("#/experiments").await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_configuration_names_its_key() {
    play("configuration", Login::Development, async |stage| {
        let good = client::get(&format!("{}/config.json", stage.world.origin), &[]).await?;
        for (config, code, words) in wrong_configurations(&good.json()) {
            stage.world.replace("/config.json", &config);
            let mark = stage.world.record.mark();

            stage.open("/").await?;

            stage.be_told(code).await?;
            stage.read(".card", &words).await?;
            ensure!(stage.loads_since(mark) <= 2, "a loop at {config}");
        }
        stage.world.restore();
        stage.open("/").await?;
        stage.read("#sign-in", "Sign in").await
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
pub(crate) async fn begin(stage: &Stage) -> Result<String> {
    stage.open("/#/experiments").await?;
    stage.click("#sign-in").await?;
    stage.read("button[type=submit]", "Sign in").await?;
    let address = stage.browser.driver.current_url().await?;
    Ok(address.query().unwrap_or_default().to_owned())
}

/// Submits the provider's form behind the browser's back, and returns where
/// the provider would have sent it.
pub(crate) async fn callback(stage: &Stage, query: &str) -> Result<String> {
    let login = format!("{}/login?{query}", stage.world.login.origin());
    let form = [("username", ADMIN), ("password", DEVELOPMENT_PASSWORD)];
    let answer = client::post_form(&login, &form).await?;
    let location = answer.header("location");
    let path = location.strip_prefix(&stage.world.origin);
    Ok(path.unwrap_or_default().to_owned())
}
