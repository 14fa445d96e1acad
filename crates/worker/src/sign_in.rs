//! Signing in: `core` says what, this performs it.

use shell_core::{
    Config, Route, Trouble,
    oauth::{
        Grant,
        authorization::{Callback, Draws, Redemption, Transaction},
        failure::TokenError,
        token,
    },
    protocol::Answer,
};
use shell_web::{clock, digest, entropy, http};

use crate::{config, state, transactions, vault};

/// Begins a sign-in: remembers it, and says where to go.
pub(crate) async fn begin(route: Route, window: bool) -> Result<Answer, Trouble> {
    let (config, _) = config::load().await?;
    if !http::reaches(config.provider.domain.as_str()).await {
        return Err(Trouble::ProviderDown);
    }
    let transaction = draw(route, window).map_err(|_| Trouble::StorageBlocked)?;
    transactions::keep(&transaction, clock::now())
        .await
        .map_err(|_| Trouble::StorageBlocked)?;
    let digest = digest::sha256(transaction.verifier())
        .await
        .map_err(|_| Trouble::StorageBlocked)?;
    Ok(Answer::Go(transaction.url(&config, digest)))
}

/// Completes a sign-in with what the hosted login returned.
pub(crate) async fn complete(query: &str, fragment: &str) -> Result<Answer, Trouble> {
    let callback = Callback::parse(query, fragment)?;
    let transaction = transactions::take(callback.state())
        .await
        .map_err(|_| Trouble::StorageBlocked)?;
    let (config, text) = config::load().await?;
    let redemption = callback.accept(transaction, &config, clock::now())?;
    let returned = Answer::Returned {
        route: redemption.route.clone(),
        window: redemption.window,
    };

    // An earlier session is continued or revoked, so it must be known.
    state::load().await;
    let begun = state::era();
    let grant = exchange(redemption, &config).await?;
    vault::prepare(config.session.keep)
        .await
        .map_err(|_| Trouble::StorageBlocked)?;
    state::issued(grant, begun, text).await;
    Ok(returned)
}

async fn exchange(redemption: Redemption, config: &Config) -> Result<Grant, TokenError> {
    let (request, pending) = token::exchange(redemption, config);
    let reply = http::post(&request)
        .await
        .map_err(|_| TokenError::Unreachable)?;
    let now = clock::now();
    token::accept(reply.as_answer(), &pending, config, now)
}

fn draw(route: Route, window: bool) -> Result<Transaction, shell_web::Error> {
    let draws = Draws {
        state: entropy::draw()?,
        nonce: entropy::draw()?,
        verifier: entropy::draw()?,
    };
    Ok(Transaction::begin(draws, route, window, clock::now()))
}
