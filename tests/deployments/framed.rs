//! Sign-ins in a frame of another site, whose windows are closed in between: the frame
//! asks the instances in turn for the provider's answer, which only one of them has.

use anyhow::{Context, Result, ensure};
use shell_tests::{
    driver::Tab,
    embedder::{Embedder, Sandbox},
    wait,
};

use crate::{
    nginx::{Line, Take},
    person::Person,
    stack::Stack,
};

/// The frame asks for the result here.
const TAKE: &str = "POST /rendezvous/take ";

/// The window with the provider's answer leaves it here.
const DEPOSIT: &str = "POST /rendezvous ";

/// What a frame has asked for.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// How often it asked until it was answered.
    pub(crate) polls: usize,
}

/// Opens the shell in a frame, and signs in up to the provider's form; the window
/// between is closed.
async fn open(stack: &Stack, person: &Person, embedder: &Embedder) -> Result<Tab> {
    let page = embedder.page(
        &format!("{}/#/experiments", stack.origin()),
        Sandbox::Absent,
    );
    person.open(&page, Some(Embedder::FRAME)).await?;
    let page = person.browser.tab().await?;
    login(person, &page).await?;
    Ok(page)
}

/// From the frame to the provider's form.
async fn login(person: &Person, page: &Tab) -> Result<Tab> {
    person.browser.switch_to(page).await?;
    let relay = person
        .browser
        .popup(async || person.click("#sign-in").await)
        .await?;
    person.read(".card h1", "Sign in to MLflow").await?;
    let login = person
        .browser
        .popup(async || person.click("#continue").await)
        .await?;
    person.browser.switch_to(&relay).await?;
    person.browser.driver.clone().close_window().await?;
    person.browser.switch_to(&login).await?;
    Ok(login)
}

/// A framed sign-in that completes, with the instances asked in turn.
///
/// # Errors
/// If it does not.
pub(crate) async fn completes(stack: &Stack, embedder: &Embedder) -> Result<Asked> {
    let person = Person::start().await?;
    let page = open(stack, &person, embedder).await?;
    let before = stack.balancer().lines()?.len();
    person.fill_in("bob", &stack.password("bob")?).await?;
    person.read(".card h1", "Almost there").await?;
    person.browser.switch_to(&page).await?;
    person.read("#user", "bob").await?;
    asked(&stack.balancer().lines()?[before..])
}

fn asked(lines: &[Line]) -> Result<Asked> {
    let deposit = lines
        .iter()
        .position(|line| line.request.starts_with(DEPOSIT));
    let deposit = deposit.context("an answer that was left")?;
    let polls = lines[deposit..].iter();
    let polls: Vec<_> = polls
        .filter(|line| line.request.starts_with(TAKE))
        .collect();
    let found = polls
        .iter()
        .position(|line| line.target == lines[deposit].target);
    let found = found.context("a request at the instance that has the answer")?;
    Ok(Asked { polls: found + 1 })
}

/// The instance with the answer is killed before the frame has asked it; the user
/// signs in again.
///
/// # Errors
/// If they cannot.
pub(crate) async fn begins_again(stack: &mut Stack, embedder: &Embedder) -> Result<()> {
    let person = Person::start().await?;
    let page = open(stack, &person, embedder).await?;
    stack
        .balancer()
        .balance(&stack.ports(), Take::Withheld)
        .await?;
    let before = stack.balancer().lines()?.len();
    person.fill_in("bob", &stack.password("bob")?).await?;
    person.read(".card h1", "Almost there").await?;
    let lines = stack.balancer().lines()?;
    let deposit = lines[before..].iter();
    let deposit = deposit.rev().find(|line| line.request.starts_with(DEPOSIT));
    let target = deposit.context("an answer that was left")?.target.clone();
    let killed = stack
        .ports()
        .iter()
        .position(|port| target.ends_with(&port.to_string()));
    let killed = killed.context("an instance")?;
    stack.tasks[killed].kill()?;
    let left = stack.ports()[1 - killed];
    stack.balancer().balance(&[left], Take::Forwarded).await?;

    person.browser.switch_to(&page).await?;
    let asked = stack.balancer().lines()?.len();
    wait::until("the frame to ask the instance that is left", async || {
        let lines = stack.balancer().lines()?;
        let has = lines[asked..]
            .iter()
            .any(|line| line.request.starts_with(TAKE));
        Ok(has.then_some(()))
    })
    .await?;
    let user = person
        .run("return document.querySelector('#user')?.innerText ?? '';")
        .await?;
    ensure!(user == "", "the user is signed in: {user}");
    // The way back is on the page.
    person.click("#cancel").await?;
    login(&person, &page).await?;
    // The provider may know them still.
    let password = stack.password("bob")?;
    wait::until("the provider to be done", async || {
        let script = "return [Boolean(document.querySelector('input[name=login]')), \
                      document.querySelector('.card h1')?.innerText ?? ''];";
        let shown = person.run(script).await?;
        if shown[0] == true {
            person.fill_in("bob", &password).await?;
        }
        Ok((shown[1] == "Almost there").then_some(()))
    })
    .await?;
    person.browser.switch_to(&page).await?;
    person.read("#user", "bob").await?;
    stack.tasks[killed].start_gateway().await
}
