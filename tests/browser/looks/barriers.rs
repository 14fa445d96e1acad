//! What axe-core finds on each page.

use std::path::Path;

use anyhow::{Result, ensure};
use shell_tests::{browser_session::BrowserSession, driver::Scheme};

use super::states;

/// Fails if there are any, in light or dark.
pub(super) async fn refuse_barriers(session: &BrowserSession, axe: &Path) -> Result<()> {
    for scheme in [Scheme::Dark, Scheme::Light] {
        states::prefer(session, scheme).await?;
        let barriers = session.find_barriers(axe).await?;
        ensure!(barriers.is_empty(), "{}: {barriers:#?}", scheme.name());
    }
    Ok(())
}
