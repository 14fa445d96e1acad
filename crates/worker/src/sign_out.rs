//! Signing out: revoke, forget, and then the provider's own session.

use shell_core::{Config, UserError, oauth::logout, protocol::WorkerReply, session::Event};

use crate::{config, session_store, state};

/// Signs out, and says where the provider's own session ends.
///
/// From the first moment no request carries a token, in any tab. What is stored
/// goes last: a worker that is stopped before knows what is left to revoke.
pub(crate) async fn end() -> Result<WorkerReply, UserError> {
    state::load().await;
    let revoked = state::on(Event::SignOut).await;
    // Of the session that just ended; if there was none, of the site.
    let config = match Config::parse(&state::configuration()) {
        Ok(config) => config,
        Err(_) => config::load().await?.0,
    };
    state::on(Event::Left).await;
    session_store::forget()
        .await
        .map_err(|_| UserError::StorageBlocked)?;
    Ok(WorkerReply::SignedOut {
        url: logout::url(&config),
        revoked,
    })
}
