//! How the shell looks, to eyes, hands and assistive technology.

mod barriers;
mod keyboard;
mod shots;
mod states;
mod widths;

use shell_tests::{driver::Scheme, environment};

/// In one engine: the rules are about elements, colours and sizes, which are the
/// same in all of them.
#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_without_barriers_and_fits_every_screen() {
    let axe = environment::axe();
    states::visit("looks", Scheme::Light, async |session, _| {
        widths::fit(session).await?;
        match &axe {
            Some(axe) => barriers::refuse_barriers(session, axe).await,
            None => Ok(()),
        }
    })
    .await;
}
