//! The token of a session, renewed if it is due: once for all processes.

use shell_core::{
    Origin,
    oauth::{
        failure::{Failure as TokenFailure, FailureClass, Phase, TokenError},
        native_app::{NativeSession, Next},
        token as endpoint,
    },
};
use shell_gateway::now;

use super::{
    client::Client,
    failure::{Failure, FailureKind, FailureResult},
    lock::{Lock, hold_signals},
    session_store::{Entry, SessionStore},
    token::{Rejected, Token},
};

/// The token of the session at a site.
///
/// # Errors
/// As [`FailureKind`] says.
pub(crate) async fn token(
    store: &SessionStore,
    site: &Origin,
    client: &Client,
    rejected: &Rejected,
) -> FailureResult<Token> {
    let entry = store.entry(site)?;
    // Before the lock, as a keyring may ask its user to unlock it.
    let session = store.read(&entry)?;
    if next(&session, rejected) == Next::Serve {
        return Ok(Token::of(&session));
    }
    let mut lock = Lock::wait(&store.lock(site))?;
    let entry = store.entry(site)?;
    let session = store.read(&entry)?;
    match next(&session, rejected) {
        Next::Serve => return Ok(Token::of(&session)),
        Next::Over => return Err(over(site, "it has ended")),
        Next::Renew => {}
    }
    let renewed = lock
        .attempt(async || renew(store, &entry, &session, client).await)
        .await;
    match renewed {
        Ok(renewed) if next(&renewed, rejected) == Next::Over => {
            Err(over(site, "the provider gives no other token"))
        }
        Ok(renewed) => Ok(Token::of(&renewed)),
        Err(failure) if failure.kind() == FailureKind::Unreachable => {
            meanwhile(&session, rejected).ok_or(failure)
        }
        Err(failure) => Err(failure),
    }
}

fn next(session: &NativeSession, rejected: &Rejected) -> Next {
    session.next(rejected.is(&session.grant.bearer), now())
}

/// The token that still serves though it could not be renewed.
fn meanwhile(session: &NativeSession, rejected: &Rejected) -> Option<Token> {
    let is_rejected = rejected.is(&session.grant.bearer);
    session
        .serves(is_rejected, now())
        .then(|| Token::of(session))
}

/// Renews a session, and keeps it before anything uses it: the provider may have
/// replaced the refresh token.
async fn renew(
    store: &SessionStore,
    entry: &Entry,
    session: &NativeSession,
    client: &Client,
) -> FailureResult<NativeSession> {
    let site = &entry.site;
    let Some(refresh) = &session.grant.refresh else {
        return Err(over(site, "it has ended"));
    };
    let request = endpoint::refresh(refresh, &session.config);
    hold_signals();
    let answer = client.post(&request, None).await;
    let answer = answer.map_err(|error| away(&format!("{} {error}", request.url)))?;
    match session.renewed(answer.as_response(), now()) {
        Ok(renewed) => {
            store.write(entry, &renewed)?;
            Ok(renewed)
        }
        Err(error) => Err(refused(store, entry, error)),
    }
}

/// What a refusal means. Only that the refresh token is worth nothing any more ends
/// the session.
fn refused(store: &SessionStore, entry: &Entry, error: TokenError) -> Failure {
    let is_final = matches!(&error, TokenError::Refused(code) if code == "invalid_grant");
    let sentence = error.to_string();
    let phase = Phase::Renewal;
    match (TokenFailure { phase, error }).class() {
        FailureClass::Transient | FailureClass::Hidden => away(&sentence),
        FailureClass::Permanent => {
            if is_final {
                // It is over in any case.
                let _ = store.remove(entry);
            }
            over(
                &entry.site,
                &format!("the provider does not renew it ({sentence})"),
            )
        }
    }
}

fn away(why: &str) -> Failure {
    Failure::unreachable(format!(
        "the session cannot be renewed now: {why}. Try again later"
    ))
}

fn over(site: &Origin, why: &str) -> Failure {
    Failure::signed_out(format!(
        "your session at {site} is over, {why}: mlflow-shell login {site}"
    ))
}

impl Token {
    fn of(session: &NativeSession) -> Self {
        Self {
            bearer: session.grant.bearer.clone(),
            expires_at: session.grant.expires_at,
        }
    }
}
