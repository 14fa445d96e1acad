//! The pages without a mouse.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use shell_tests::{
    browser_session::BrowserSession,
    driver::Engine,
    scenario::{Scenario, scenario_in},
    wait,
};
use thirtyfour::Key;

use super::states::{self, alone::Alone, over::Over};

/// The engines whose driver moves the keyboard from a page to its frame.
const ENGINES: [Engine; 2] = [Engine::Chromium, Engine::Firefox];

/// Puts the keyboard before everything, wherever the way here ended.
const BEGIN: &str = "const { body } = document; body.tabIndex = -1; body.focus(); \
     body.removeAttribute('tabindex');";

/// What the keyboard has to reach, in this order.
const CONTROLS: &str = "const all = document.querySelectorAll( \
         'button, summary, select, input, iframe, [tabindex=\"0\"]'); \
     const usable = (one) => one.checkVisibility() && !one.closest('[inert]'); \
     return [...all].filter(usable).map((one) => one.id || one.tagName);";

/// What the keyboard is at, and whether a person sees that.
const FOCUS: &str = "const at = document.activeElement; const style = getComputedStyle(at); \
     const seen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0; \
     return [at.id || at.tagName, seen || at.tagName === 'IFRAME'];";

#[tokio::test(flavor = "multi_thread")]
async fn the_keyboard_reaches_every_control_and_shows_where_it_is() {
    Scenario::new("keyboard", states::spec())
        .only_in(&ENGINES)
        .in_every_engine()
        .run(async |session| {
            for state in [Alone::SignIn, Alone::LinkUsed] {
                state.reach(session).await?;
                reach_all(session).await?;
            }
            for state in [Over::Menu, Over::Help] {
                state.reach(session).await?;
                reach_all(session).await?;
            }
            Ok(())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn escape_closes_the_menu_and_the_help_and_gives_the_keyboard_back() {
    scenario_in(&ENGINES, "escape", states::spec(), async |session| {
        Over::Menu.reach(session).await?;
        press(session, Key::Escape).await?;
        gone(session, ".menu[open]").await?;
        ensure!(at(session).await? == "SUMMARY", "the keyboard is lost");

        for close in [Key::Escape, Key::Enter] {
            session.click(".menu summary").await?;
            session.click("#help").await?;
            session.read(".cover h1", "Help").await?;
            press(session, Key::Tab).await?;
            press(session, close).await?;
            gone(session, ".cover").await?;
            ensure!(at(session).await? == "SUMMARY", "the keyboard is lost");
        }
        Ok(())
    })
    .await;
}

/// Presses Tab from one control to the next, as far as MLflow's frame, which
/// has its own.
async fn reach_all(session: &BrowserSession) -> Result<()> {
    session.run(BEGIN).await?;
    let controls = session.run(CONTROLS).await?;
    let mut reached = Vec::new();
    for _ in controls.as_array().into_iter().flatten() {
        press(session, Key::Tab).await?;
        let focus = session.run(FOCUS).await?;
        ensure!(focus[1] == true, "nobody sees the focus at {}", focus[0]);
        reached.push(focus[0].clone());
    }
    let reached = json!(reached);
    ensure!(reached == controls, "{reached} of {controls}");
    Ok(())
}

async fn press(session: &BrowserSession, key: Key) -> Result<()> {
    let chain = session.browser.driver.action_chain();
    Ok(chain.send_keys(key).perform().await?)
}

async fn at(session: &BrowserSession) -> Result<Value> {
    Ok(session.run(FOCUS).await?[0].clone())
}

async fn gone(session: &BrowserSession, css: &str) -> Result<()> {
    let script = format!("return document.querySelector('{css}') === null;");
    wait::until(&format!("no {css}"), async || {
        Ok((session.run(&script).await? == true).then_some(()))
    })
    .await
}
