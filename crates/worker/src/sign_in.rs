//! Signing in and out: `core` says what, this performs it.

use shell_core::{
    Config, Route, Trouble,
    oauth::{
        authorization::{Callback, Draws, Redemption, Transaction},
        logout,
        token::{self, Grant, TokenError},
    },
    protocol::Answer,
    session::Event,
};
use shell_web::{clock, entropy, http, json, scope};

use crate::{state, transactions};

/// Where the configuration is.
const CONFIG: &str = "/config.json";

/// Reads the configuration, and checks that this is where it is for.
pub(crate) async fn config() -> Result<Config, Trouble> {
    let unreadable = |problem: &str| Trouble::Config(format!("config.json: {problem}"));
    let reply = http::get(CONFIG)
        .await
        .map_err(|_| unreadable("cannot be loaded"))?;
    let answer = reply.as_answer();
    if answer.status != 200 {
        return Err(unreadable(&format!(
            "the server answered {}",
            answer.status
        )));
    }
    let config = Config::parse(answer.body, json::parse)?;
    if scope::own_origin() != config.origin.as_str() {
        return Err(Trouble::ForeignOrigin {
            configured: config.origin.to_string(),
        });
    }
    Ok(config)
}

/// Begins a sign-in: remembers it, and says where to go.
pub(crate) async fn begin(route: Route) -> Result<Answer, Trouble> {
    let config = config().await?;
    if !http::reaches(config.provider.domain.as_str()).await {
        return Err(Trouble::ProviderDown);
    }
    let transaction = draw(route).map_err(|_| Trouble::StorageBlocked)?;
    transactions::keep(&transaction, clock::now())
        .await
        .map_err(|_| Trouble::StorageBlocked)?;
    Ok(Answer::Go(transaction.url(&config)))
}

/// Completes a sign-in with what the hosted login returned.
pub(crate) async fn complete(query: &str, fragment: &str) -> Result<Answer, Trouble> {
    let callback = Callback::parse(query, fragment)?;
    let transaction = transactions::take(callback.state())
        .await
        .map_err(|_| Trouble::StorageBlocked)?;
    let config = config().await?;
    let redemption = callback.accept(transaction, &config, clock::now())?;
    let route = redemption.route.clone();

    state::on(Event::Redeem).await;
    let (event, outcome) = match exchange(redemption, &config).await {
        Ok(grant) => (Event::Issued(grant), Ok(Answer::Returned(route))),
        Err(error) => (Event::Failed, Err(error.into())),
    };
    let action = state::on(event).await;
    // An earlier grant that stays unrevoked ends by itself.
    state::perform(action, &config).await;
    outcome
}

/// Signs out: revokes, forgets, and says where the provider's own session ends.
pub(crate) async fn end() -> Result<Answer, Trouble> {
    let action = state::on(Event::SignOut).await;
    let forgotten = transactions::forget().await;
    let config = config().await?;
    let revoked = state::perform(action, &config).await;
    forgotten.map_err(|_| Trouble::StorageBlocked)?;
    Ok(Answer::SignedOut {
        url: logout::url(&config),
        revoked,
    })
}

async fn exchange(redemption: Redemption, config: &Config) -> Result<Grant, TokenError> {
    let (request, pending) = token::exchange(redemption, config);
    let reply = http::post(&request)
        .await
        .map_err(|_| TokenError::Unreachable)?;
    token::accept(
        reply.as_answer(),
        &pending,
        config,
        clock::now(),
        json::parse,
    )
}

fn draw(route: Route) -> Result<Transaction, shell_web::Error> {
    let draws = Draws {
        state: entropy::draw()?,
        nonce: entropy::draw()?,
        verifier: entropy::draw()?,
    };
    Ok(Transaction::begin(draws, route, clock::now()))
}
