//! Renewing the grant: once for all requests of this worker, and by one worker
//! of this partition at a time.

use shell_core::{
    Config, Secret,
    oauth::{
        Grant,
        failure::{Failure, Phase, TokenError},
        token,
    },
    session::Event,
};
use shell_web::{clock, entropy, http, lock, single_flight::SingleFlight, spawn_local};

use crate::{session_store, state};

/// Held while a refresh token is spent: spent twice, it ends the session.
const RENEWING: &str = "mlflow-auth-shell:renewing";

static RENEWAL: SingleFlight = SingleFlight::const_new();

/// Renews what is due in the background.
pub(crate) fn in_background() {
    if state::is_due() {
        spawn_local(renew());
    }
}

/// Renews the grant, or waits for the renewal under way. Afterwards the session
/// is another, if only by one failure more.
pub(crate) async fn renew() {
    RENEWAL.run(run()).await;
}

async fn run() {
    state::on(Event::Tick).await;
    let Some((grant, config)) = state::renewable() else {
        return;
    };
    let before = grant.bearer.clone();
    if lock::hold(RENEWING, exchange(grant, config)).await.is_err() {
        state::on(failed(TokenError::Unreachable, before)).await;
    }
}

/// Compares and adopts: another worker may have been faster.
async fn exchange(grant: Grant, config: String) {
    let stored = session_store::peek().await;
    let stored = stored.as_ref().and_then(|session| session.grant());
    let is_newer =
        |stored: &&Grant| stored.bearer != grant.bearer || stored.refresh != grant.refresh;
    if let Some(newer) = stored.filter(is_newer) {
        state::on(Event::Found(newer.clone())).await;
        return;
    }
    let before = grant.bearer.clone();
    let event = match spend(&grant, &config).await {
        Ok(grant) => Event::Renewed { grant, before },
        Err(error) => failed(error, before),
    };
    state::on(event).await;
}

async fn spend(grant: &Grant, config: &str) -> Result<Grant, TokenError> {
    let config = Config::parse(config).map_err(|_| TokenError::Malformed)?;
    let refresh = grant.refresh.as_ref().ok_or(TokenError::Malformed)?;
    let response = http::post(&token::refresh(refresh, &config)).await?;
    let now = clock::now();
    token::renew(response.as_response(), grant, &config, now)
}

fn failed(error: TokenError, before: Secret) -> Event {
    // Without a random number the pause is merely the longest.
    let [jitter, ..] = entropy::draw().map_or([0; 32], |entropy| entropy.0);
    let phase = Phase::Renewal;
    let failure = Failure { phase, error };
    Event::Failed {
        failure,
        before,
        jitter,
    }
}
