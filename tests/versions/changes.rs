//! An experiment is created, renamed and deleted, by a user who may.

use anyhow::{Result, ensure};
use shell_tests::{
    browser_session::BrowserSession,
    embedder::{Embedder, Sandbox},
    issuer::now,
    mlflow,
    record::{Recipient, Record},
    wait,
};
use thirtyfour::By;

use crate::ui::Ui;

/// What MLflow calls what is done here.
const CHANGES: [&str; 3] = ["create", "update", "delete"];

/// One of the demo's experiments.
const KEPT: &str = "images";

/// Selects what a field has, so that it is typed over: to React, a field that
/// its driver has cleared still has it.
const SELECT_ALL: &str = "\u{e009}a\u{e000}";

/// Denied to a reader on the way: what MLflow 3.18 asks for unasked.
const UNASKED: &str = "/review-queues/get-or-create-user";

/// Creates an experiment, gives it another name, and deletes it.
pub(crate) async fn make(session: &BrowserSession, ui: &Ui) -> Result<()> {
    // MLflow keeps the names of deleted experiments.
    let (name, other) = (format!("made-{}", now()), format!("kept-{}", now()));
    create(session, ui, &name).await?;
    show(session, &name).await?;
    rename(session, ui, &name, &other).await?;
    // The page of 3.5 goes on to show the old name.
    be_told(session, Recipient::Upstream, "update").await?;
    list(session, ui).await?;
    show(session, &other).await?;
    delete(session, ui, &other).await?;
    list(session, ui).await?;
    miss(session, &other).await?;
    let done = changes(session, Recipient::Upstream);
    ensure!(done.len() == 3, "{done:?} reached MLflow");
    Ok(())
}

/// Tries the same, which is refused: the shell says why, and MLflow is never
/// asked.
pub(crate) async fn try_in_vain(session: &BrowserSession, ui: &Ui) -> Result<()> {
    create(session, ui, "not-mine").await?;
    be_refused(session, "create").await?;
    rename(session, ui, KEPT, "not-mine").await?;
    be_refused(session, "update").await?;
    delete(session, ui, KEPT).await?;
    be_refused(session, "delete").await?;

    list(session, ui).await?;
    show(session, KEPT).await?;
    miss(session, "not-mine").await?;
    let (tried, done) = (
        changes(session, Recipient::Gateway),
        changes(session, Recipient::Upstream),
    );
    ensure!(tried.len() >= 3 && done.is_empty(), "{tried:?}, {done:?}");
    let refused = tried.iter().all(|record| record.status == Some(403));
    ensure!(refused, "{tried:?}");
    Ok(())
}

/// Has another site post a form that an MLflow before 2.9 takes for JSON.
pub(crate) async fn forge(session: &BrowserSession, ui: &Ui) -> Result<()> {
    let embedder = Embedder::start().await?;
    let before = changes(session, Recipient::Upstream).len();
    let url = format!("{}/mlflow{}", session.deployment.origin, ui.traits.api);
    let script = format!(
        "const form = document.createElement('form'); form.method = 'post'; \
         form.action = '{url}/experiments/create'; form.enctype = 'text/plain'; \
         const field = document.createElement('input'); form.append(field); \
         field.name = '{{\"name\": \"forged\", \"x\": \"'; field.value = '\"}}'; \
         document.body.append(form); form.submit();"
    );

    let page = embedder.page("about:blank", Sandbox::Absent);
    session.browser.driver.goto(page).await?;
    session.run_outside(&script).await?;
    session
        .read("h1", "This cannot be opened like that")
        .await?;

    let after = changes(session, Recipient::Upstream).len();
    ensure!(after == before, "a form of another site reached MLflow");
    session.open("/").await?;
    list(session, ui).await?;
    show(session, KEPT).await?;
    miss(session, "forged").await
}

/// Fails if a page had to do without something that it asked for.
pub(crate) fn refuse_denials(session: &BrowserSession) -> Result<()> {
    let mut denied = session.deployment.record.since(session.begin);
    denied.retain(|record| {
        record.status == Some(403)
            && record.recipient == Recipient::Gateway
            && !record.path.ends_with(UNASKED)
    });
    ensure!(denied.is_empty(), "denied: {denied:?}");
    Ok(())
}

async fn create(session: &BrowserSession, ui: &Ui, name: &str) -> Result<()> {
    list(session, ui).await?;
    let button = if ui.has_table() {
        mlflow::over_experiments("new_experiment_button")
    } else {
        By::XPath(beside_runs("create"))
    };
    session.click_inside(button).await?;
    session.type_inside(mlflow::new_name(), name).await?;
    session
        .click_inside(mlflow::button_in_dialog("Create"))
        .await
}

async fn rename(session: &BrowserSession, ui: &Ui, name: &str, other: &str) -> Result<()> {
    list(session, ui).await?;
    if ui.has_table() {
        session.click_inside(By::LinkText(name)).await?;
        let menu = "[data-testid='overflow-menu-trigger']";
        session.click_inside(By::Css(menu)).await?;
        let entry = "//*[@role='menuitem'][.='Rename' or .='Edit experiment']";
        session.click_inside(By::XPath(entry)).await?;
    } else {
        let row = row(name, "rename");
        session.click_inside(By::XPath(row)).await?;
    }
    let field = "//*[@role='dialog']//input[@id='newName' or contains(@id, 'edit.name')]";
    let text = format!("{SELECT_ALL}{other}");
    session.type_inside(By::XPath(field), &text).await?;
    session.click_inside(mlflow::button_in_dialog("Save")).await
}

async fn delete(session: &BrowserSession, ui: &Ui, name: &str) -> Result<()> {
    list(session, ui).await?;
    if ui.has_table() {
        session.click_inside(mlflow::box_of(name)).await?;
        let button = mlflow::over_experiments("bulk_delete_button");
        session.click_inside(button).await?;
    } else {
        let row = row(name, "delete");
        session.click_inside(By::XPath(row)).await?;
    }
    session
        .click_inside(mlflow::button_in_dialog("Delete"))
        .await
}

/// Opens the list of experiments anew, without what was open over it.
async fn list(session: &BrowserSession, ui: &Ui) -> Result<()> {
    session.visit("#/models").await?;
    session.see(&[&ui.demo.model]).await?;
    session.visit(ui.traits.experiments).await?;
    session.see(&["churn", "forecast"]).await
}

/// Waits until `name` is somewhere on the page. MLflow 3.5 first asks what kind
/// of experiment a new one is.
async fn show(session: &BrowserSession, name: &str) -> Result<()> {
    let script = format!(
        "([...frame.querySelectorAll('[role=dialog] button')]\
         .find((button) => button.innerText === 'Confirm')?.click(), \
         frame.body.innerText.includes('{name}'))"
    );
    session.see_that(name, &script).await
}

/// Waits until no experiment in the list is called `name`.
async fn miss(session: &BrowserSession, name: &str) -> Result<()> {
    let links = "[...frame.querySelectorAll('a')].map((link) => link.innerText.trim())";
    let script = format!("!{links}.includes('{name}')");
    session
        .see_that(&format!("a list without {name}"), &script)
        .await
}

/// Waits for the shell's words, and for MLflow to have been told no.
async fn be_refused(session: &BrowserSession, change: &str) -> Result<()> {
    let words = format!(
        "may view experiments, but not change them (experiments/{change}). \
         Members of these groups may: admins."
    );
    session.read(".toast", &words).await?;
    be_told(session, Recipient::Gateway, change).await
}

/// Waits until `place` has answered this change.
async fn be_told(session: &BrowserSession, recipient: Recipient, change: &str) -> Result<()> {
    wait::until(&format!("an answer to {change}"), async || {
        let tried = changes(session, recipient);
        let mut answered = tried.iter().filter(|record| record.status.is_some());
        Ok(answered
            .any(|record| record.path.ends_with(change))
            .then_some(()))
    })
    .await
}

/// The changes of experiments that were requested.
fn changes(session: &BrowserSession, recipient: Recipient) -> Vec<Record> {
    let mut asked = session.deployment.record.since(session.begin);
    asked.retain(|record| record.recipient == recipient && is_change(&record.path));
    asked
}

fn is_change(path: &str) -> bool {
    let end = path.rsplit_once("/experiments/").map(|(_, end)| end);
    end.is_some_and(|end| CHANGES.contains(&end))
}

/// A button of the list beside the runs.
fn beside_runs(action: &str) -> String {
    let name = format!("{action}-experiment-button");
    format!("//*[@data-test-id='{name}' or @data-testid='{name}']")
}

/// A button of an experiment in that list.
fn row(name: &str, action: &str) -> String {
    let button = beside_runs(action);
    format!("//a[normalize-space()='{name}']/ancestor::div[.{button}][1]{button}")
}
