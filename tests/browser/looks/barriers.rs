//! What axe-core finds on each page.

use std::path::Path;

use anyhow::{Result, ensure};
use shell_tests::{driver::Scheme, stage::Stage};

use super::states;

/// Fails if there are any, in light or dark.
pub(super) async fn refuse_barriers(stage: &Stage, axe: &Path) -> Result<()> {
    for scheme in [Scheme::Dark, Scheme::Light] {
        states::prefer(stage, scheme).await?;
        let barriers = stage.find_barriers(axe).await?;
        ensure!(barriers.is_empty(), "{}: {barriers:#?}", scheme.name());
    }
    Ok(())
}
