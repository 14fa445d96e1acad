//! Pictures of every page, for people to look at: `cargo xtask shots`.

use std::{fs, path::Path};

use anyhow::Result;
use shell_tests::{
    driver::{Engine, Scheme},
    environment,
    stage::{Play, Stage},
};

use super::{states, states::State, widths::WIDTHS};

#[tokio::test(flavor = "multi_thread")]
async fn pictures_are_made_of_every_page_if_they_are_wanted() {
    let Some(folder) = environment::shots() else {
        return;
    };
    fs::create_dir_all(&folder).expect("the folder can be made");
    let play = Play::new("shots", states::plan()).only_in(&[Engine::Chromium]);
    play.perform(async |stage| {
        for scheme in [Scheme::Light, Scheme::Dark] {
            // Before it is loaded, so that MLflow is like that as well.
            stage.open("/").await?;
            stage.browser.prefer(scheme).await?;
            let draw = async |state| draw(stage, state, scheme, &folder).await;
            states::visit(stage, draw).await?;
        }
        Ok(())
    })
    .await;
}

async fn draw(stage: &Stage, shown: State, scheme: Scheme, folder: &Path) -> Result<()> {
    for width in WIDTHS {
        stage.browser.widen_to(width).await?;
        let name = format!("{}-{width}-{}.png", shown.name(), scheme.name());
        let picture = stage.browser.driver.screenshot_as_png().await?;
        fs::write(folder.join(name), picture)?;
    }
    Ok(())
}
