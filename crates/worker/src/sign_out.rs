//! Signing out: revoke, forget, and then the provider's own session.

use std::cell::RefCell;

use shell_core::{
    Config, UserError,
    oauth::logout::{self, FormPage, Revocation},
    protocol::WorkerReply,
    refusal::Refusal,
    session::Event,
};
use shell_web::{Error, fetch_response::FetchResponse};

use crate::{config, session_store, state};

thread_local! {
    /// The page that the last sign-out goes on with, until it is shown.
    static PAGE: RefCell<Option<FormPage>> = const { RefCell::new(None) };
}

/// Signs out, and says where the provider's own session ends.
///
/// From the first moment no request carries a token, in any tab. What is stored
/// goes last: a worker that is stopped before knows what is left to revoke.
pub(crate) async fn end() -> Result<WorkerReply, UserError> {
    state::load().await;
    let bearer = state::bearer();
    let revocation = state::on(Event::SignOut).await;
    // Of the session that just ended; if there was none, of the site.
    let config = match Config::parse(&state::configuration()) {
        Ok(config) => config,
        Err(_) => config::load().await?.0,
    };
    state::on(Event::Left).await;
    session_store::forget()
        .await
        .map_err(|_| UserError::StorageBlocked)?;
    let page = bearer.and_then(|bearer| logout::form_page(&config, &bearer));
    let has_form = page.is_some();
    PAGE.set(page);
    Ok(WorkerReply::SignedOut {
        url: logout::url(&config),
        has_form,
        revoked: revocation == Revocation::Done,
        answers: revocation != Revocation::Unconfirmed,
    })
}

/// Answers a navigation to [`logout::FORM_PAGE`], once after a sign-out. No other site
/// can have anything sent to the provider by a link to it.
pub(crate) fn form_page() -> Result<FetchResponse, Error> {
    match PAGE.take() {
        Some(FormPage { html, policy }) => {
            let page = Refusal::Page(200, html.expose().to_owned());
            FetchResponse::refusal(&page, &policy)
        }
        None => FetchResponse::refusal(&Refusal::ToShell("/".to_owned()), ""),
    }
}
