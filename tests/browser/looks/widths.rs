//! The pages on screens of all sizes.

use anyhow::{Result, ensure};
use serde_json::json;
use shell_tests::browser_session::BrowserSession;

use super::states;

/// A telephone, a tablet, a desk and a wall, in pixels.
pub(crate) const WIDTHS: [u32; 4] = [360, 768, 1400, 2560];

/// Lists what does not fit: the page, if it is wider than the window, and each
/// control that is outside of it, cut off or too small to hit (WCAG 2.2 §2.5.8).
const MISFITS: &str = "const misfits = []; const page = document.scrollingElement; \
     if (page.scrollWidth > innerWidth) misfits.push(`the page: ${page.scrollWidth}`); \
     for (const one of document.querySelectorAll('button, summary, select, input')) { \
         if (!one.checkVisibility()) continue; \
         const { left, right, width, height } = one.getBoundingClientRect(); \
         const name = one.id || one.tagName; \
         if (left < 0 || right > innerWidth) misfits.push(`${name}: from ${left} to ${right}`); \
         if (one.scrollWidth > one.clientWidth + 1) misfits.push(`${name}: cut off`); \
         if (width < 24 || height < 24) misfits.push(`${name}: ${width} by ${height}`); \
     } \
     return misfits;";

/// Fails if something does not, on any screen.
pub(super) async fn fit(session: &BrowserSession) -> Result<()> {
    for width in WIDTHS {
        states::widen_to(session, width).await?;
        let misfits = session.run(MISFITS).await?;
        ensure!(misfits == json!([]), "{width} pixels: {misfits}");
    }
    Ok(())
}
