//! Signing in: performs what `shell_core::oauth` decides.

use shell_core::{
    Config, Route, UserError,
    oauth::{
        Grant,
        authorization::{Callback, Draws, Redemption, Transaction, is_of_terminal},
        failure::TokenError,
        token,
    },
    protocol::WorkerReply,
};
use shell_web::{Error, clock, crypto, entropy, http};

use crate::{config, session_store, state, transactions};

/// Begins a sign-in: remembers it, and says where to go.
pub(crate) async fn begin(route: Route, window: bool) -> Result<WorkerReply, UserError> {
    let (config, _) = config::load().await?;
    if !http::reaches(config.provider.domain.as_str()).await {
        return Err(UserError::ProviderDown);
    }
    let url = remember(route, window, &config).await;
    url.map(WorkerReply::Go)
        .map_err(|_| UserError::StorageBlocked)
}

/// Stores the transaction, and returns where to send the browser.
async fn remember(route: Route, window: bool, config: &Config) -> Result<String, Error> {
    let transaction = draw(route, window)?;
    transactions::keep(&transaction, clock::now()).await?;
    let digest = crypto::sha256(transaction.verifier()).await?;
    Ok(transaction.url(config, digest))
}

/// Completes a sign-in with what the hosted login returned.
pub(crate) async fn complete(query: &str, fragment: &str) -> Result<WorkerReply, UserError> {
    let callback = Callback::parse(query, fragment)?;
    let is_of_terminal = is_of_terminal(callback.state());
    let transaction = transactions::take(callback.state())
        .await
        .map_err(|_| UserError::StorageBlocked)?;
    let (config, text) = config::load().await?;
    // Its user is to copy the code, where the site offers that.
    if is_of_terminal && config.terminal_sign_in().is_some() {
        return Ok(WorkerReply::TerminalCode(callback.for_terminal()?));
    }
    let redemption = callback.accept(transaction, &config, clock::now())?;
    let returned = WorkerReply::Returned {
        route: redemption.route.clone(),
        window: redemption.window,
    };

    // An earlier session is continued or revoked, so it must be known.
    state::load().await;
    let begun = state::epoch();
    let grant = exchange(redemption, &config).await;
    let grant = grant.map_err(|error| UserError::of_exchange(error, &config))?;
    session_store::prepare(config.session.keep)
        .await
        .map_err(|_| UserError::StorageBlocked)?;
    state::issued(grant, begun, text).await;
    Ok(returned)
}

async fn exchange(redemption: Redemption, config: &Config) -> Result<Grant, TokenError> {
    let (request, pending) = token::exchange(redemption, config);
    let response = http::post(&request).await?;
    let now = clock::now();
    token::accept(response.as_response(), &pending, config, now)
}

fn draw(route: Route, window: bool) -> Result<Transaction, Error> {
    let draws = Draws {
        state: entropy::draw()?,
        nonce: entropy::draw()?,
        verifier: entropy::draw()?,
    };
    Ok(Transaction::begin(draws, route, window, clock::now()))
}
