//! Pictures of every page, for people to look at: `cargo xtask shots`.

use std::{fs, path::Path};

use anyhow::Result;
use shell_tests::{browser_session::BrowserSession, driver::Scheme, environment};

use super::{states, widths::WIDTHS};

#[tokio::test(flavor = "multi_thread")]
async fn pictures_are_made_of_every_page_if_they_are_wanted() {
    let Some(folder) = environment::shots() else {
        return;
    };
    fs::create_dir_all(&folder).expect("the folder can be made");
    for scheme in [Scheme::Light, Scheme::Dark] {
        states::visit("shots", scheme, async |session, name| {
            draw(session, name, scheme, &folder).await
        })
        .await;
    }
}

async fn draw(session: &BrowserSession, name: &str, scheme: Scheme, folder: &Path) -> Result<()> {
    // Once more: each window, and each site around the shell, has its own.
    states::prefer(session, scheme).await?;
    for width in WIDTHS {
        states::widen_to(session, width).await?;
        let name = format!("{name}-{width}-{}.png", scheme.name());
        let picture = session.browser.driver.screenshot_as_png().await?;
        fs::write(folder.join(name), picture)?;
    }
    Ok(())
}
