//! Signing out: revoke, forget, and then the provider's own session.

use std::cell::RefCell;

use shell_core::{
    Config, UserError,
    oauth::logout::{self, FORM_PAGE, FormPage},
    protocol::WorkerReply,
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
    let id_token = state::id_token_hint();
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
    let page = id_token.and_then(|id_token| logout::form_page(&config, &id_token));
    let form_page = page.is_some().then(|| FORM_PAGE.to_owned());
    PAGE.set(page);
    Ok(WorkerReply::SignedOut {
        url: logout::url(&config),
        form_page,
        revocation,
    })
}

/// Answers a tab that goes to [`FORM_PAGE`], once after a sign-out. No other site
/// can have anything sent to the provider by a link to it.
pub(crate) fn form_page() -> Result<FetchResponse, Error> {
    match PAGE.take() {
        Some(page) => FetchResponse::form_page(&page),
        None => FetchResponse::to_start(),
    }
}
