//! The pages without a mouse.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use shell_tests::{
    driver::Engine,
    stage::{Stage, play_on},
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
    play_on(&ENGINES, "keyboard", states::plan(), async |stage| {
        for state in [Alone::SignIn, Alone::LinkUsed] {
            state.reach(stage).await?;
            reach_all(stage).await?;
        }
        for state in [Over::Menu, Over::Help] {
            state.reach(stage).await?;
            reach_all(stage).await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn escape_closes_the_menu_and_the_help_and_gives_the_keyboard_back() {
    play_on(&ENGINES, "escape", states::plan(), async |stage| {
        Over::Menu.reach(stage).await?;
        press(stage, Key::Escape).await?;
        gone(stage, ".menu[open]").await?;
        ensure!(at(stage).await? == "SUMMARY", "the keyboard is lost");

        for close in [Key::Escape, Key::Enter] {
            stage.click(".menu summary").await?;
            stage.click("#help").await?;
            stage.read(".cover h1", "Help").await?;
            press(stage, Key::Tab).await?;
            press(stage, close).await?;
            gone(stage, ".cover").await?;
            ensure!(at(stage).await? == "SUMMARY", "the keyboard is lost");
        }
        Ok(())
    })
    .await;
}

/// Presses Tab from one control to the next, as far as MLflow's frame, which
/// has its own.
async fn reach_all(stage: &Stage) -> Result<()> {
    stage.run(BEGIN).await?;
    let controls = stage.run(CONTROLS).await?;
    let mut reached = Vec::new();
    for _ in controls.as_array().into_iter().flatten() {
        press(stage, Key::Tab).await?;
        let focus = stage.run(FOCUS).await?;
        ensure!(focus[1] == true, "nobody sees the focus at {}", focus[0]);
        reached.push(focus[0].clone());
    }
    let reached = json!(reached);
    ensure!(reached == controls, "{reached} of {controls}");
    Ok(())
}

async fn press(stage: &Stage, key: Key) -> Result<()> {
    let chain = stage.browser.driver.action_chain();
    Ok(chain.send_keys(key).perform().await?)
}

async fn at(stage: &Stage) -> Result<Value> {
    Ok(stage.run(FOCUS).await?[0].clone())
}

async fn gone(stage: &Stage, css: &str) -> Result<()> {
    let script = format!("return document.querySelector('{css}') === null;");
    wait::until(&format!("no {css}"), async || {
        Ok((stage.run(&script).await? == true).then_some(()))
    })
    .await
}
