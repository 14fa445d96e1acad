//! What axe-core finds on each page.

use std::path::Path;

use anyhow::{Result, ensure};
use shell_tests::{driver::Scheme, environment, stage::Stage};

use super::states;

/// In one engine: the rules are about elements and colours, which are the same
/// in all of them.
#[tokio::test(flavor = "multi_thread")]
async fn no_page_of_the_shell_has_barriers() {
    let Some(axe) = environment::axe() else {
        return;
    };
    states::visit("barriers", Scheme::Light, async |stage, _| {
        refuse_barriers(stage, &axe).await
    })
    .await;
}

async fn refuse_barriers(stage: &Stage, axe: &Path) -> Result<()> {
    for scheme in [Scheme::Dark, Scheme::Light] {
        states::prefer(stage, scheme).await?;
        let barriers = stage.find_barriers(axe).await?;
        ensure!(barriers.is_empty(), "{}: {barriers:#?}", scheme.name());
    }
    Ok(())
}
