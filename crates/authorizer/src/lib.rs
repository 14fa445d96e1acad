//! An AWS Lambda authorizer for REST and HTTP APIs of Amazon API Gateway.
//!
//! ```text
//!  event ─▶ bearer ─▶ issuer ─▶ keys (loaded, cached) ─▶ signature (jose)
//!       ─▶ claims (core) ─▶ policy, for every reading of the path (core) ─▶ answer
//! ```
//!
//! *In scope*: events of all four kinds ([`EventKind`]), the answers API Gateway
//! expects, the issuers' keys, configuration by environment variables. *Out of
//! scope*: who may do what, and what makes a token good, which `shell-core` and
//! `shell-jose` decide; bodies, which API Gateway shows no authorizer.
//!
//! | the request has | the function | the caller sees |
//! |---|---|---|
//! | a good token of a user who may | answers `Allow` | MLflow |
//! | a good token of a user who may not | answers `Deny` | 403 |
//! | no token, or one that is refused | fails with `Unauthorized` | 401 |
//! | a navigation that calls an API or changes something | fails with `Unauthorized`, which is not kept | 401 |
//! | a token that cannot be checked now | fails with other words | 500 |
//!
//! # Caching
//! API Gateway may keep an answer and give it to every later request with the
//! same identity sources, whatever its method and path. So:
//!
//! | an answer is for | identity sources | time to live |
//! |---|---|---|
//! | one request ([`Scope::Request`]) | `Authorization`, `context.path`, `context.httpMethod` | any |
//! | one request | others; those of a `TOKEN` authorizer are | 0 |
//! | one request, by a policy with limits | – | 0 |
//! | a user ([`Scope::User`]) | `Authorization` | any |
//!
//! An answer that is kept although it should not be refuses what it should
//! allow: its resource is the ARN of the one method, and no rule for names in
//! queries is in an answer for a user. Two exceptions allow what they should
//! refuse: a rule for names in queries, which the ARN does not tell apart, and
//! simple responses, which name no resource at all.

mod event;
mod failure;
mod keys;
mod method_arn;
mod response;
mod settings;
#[cfg(test)]
mod testing;
mod trust;
mod verdict;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::Value;
use shell_core::{
    Timestamp,
    claims::{Claims, ClaimsError},
};
use shell_jose::{
    Issuer as TrustedIssuer, KeySet, Refused, UnverifiedToken, Verified, VerifiedTokens,
};

use self::keys::Keys;
pub use self::{
    event::{Event, EventKind},
    failure::{Failure, UnauthorizedReason},
    response::{
        AuthorizerResponse, Context, Document, Effect, ResponseFormat, Scope, Statement, respond,
    },
    settings::{Issuer, Settings, SettingsError},
    verdict::{Verdict, judge},
};

/// Answers events; keeps the issuers' keys between them.
#[derive(Debug)]
pub struct Authorizer {
    settings: Settings,
    issuers: Vec<TrustedIssuer>,
    /// In the order of the issuers.
    keys: Vec<Keys>,
    verified: Mutex<VerifiedTokens>,
}

impl Authorizer {
    /// Makes an authorizer that has loaded no keys yet.
    pub fn new(settings: Settings) -> Self {
        let urls = settings.issuers.iter().map(|issuer| &issuer.jwks_url);
        Self {
            issuers: settings.accepted(),
            keys: urls.cloned().map(Keys::new).collect(),
            verified: Mutex::default(),
            settings,
        }
    }

    /// Answers one event, and logs the answer in one line.
    ///
    /// # Errors
    /// [`Failure`], whose text API Gateway understands.
    pub async fn authorize(&self, payload: &Value) -> Result<AuthorizerResponse, Failure> {
        let Settings { policy, form, .. } = &self.settings;
        let event = Event::read(payload, &self.settings.base_path);
        let mut event = event.inspect_err(|failure| {
            tracing::error!(verdict = "fail", why = %failure, "answered");
        })?;
        if form.scope == Scope::User {
            // The answer may be given to requests with other queries.
            event.query.clear();
        }
        let judged = self.judge(&event, now()).await;
        log(&event, &judged);
        let (claims, verdict) = judged?;
        Ok(respond(&event, &claims, policy, &verdict, *form))
    }

    async fn judge(
        &self,
        event: &Event,
        now: Timestamp,
    ) -> Result<(Arc<Claims>, Verdict), Failure> {
        if verdict::is_unsafe_navigation(event) {
            return Err(Failure::Unauthorized(UnauthorizedReason::Navigation));
        }
        if !event.has_one_workspace {
            return Err(Failure::Unauthorized(UnauthorizedReason::Workspace));
        }
        let claims = self.verify(event.token()?, now).await?;
        let verdict = judge(&self.settings.policy, &claims, event);
        Ok((claims, verdict))
    }

    /// Verifies a token with the keys of the configured issuer that it names, or
    /// finds that this was done.
    async fn verify(&self, token: &str, now: Timestamp) -> Result<Arc<Claims>, Failure> {
        if let Some(claims) = self.known(token, now).await? {
            return Ok(claims);
        }
        let (issuer, keys) = self.at(shell_jose::choose(token, &self.issuers)?)?;
        let (found, keys) = verify(token, issuer, keys, now).await?;
        let claims = found.claims(&keys, now)?.ok_or(Failure::Unverifiable)?;
        self.tokens().keep(token, Arc::new(found));
        Ok(claims)
    }

    /// The claims of a token that was verified before, with the keys that its issuer
    /// still has.
    async fn known(&self, token: &str, now: Timestamp) -> Result<Option<Arc<Claims>>, Failure> {
        let Some(known) = self.tokens().get(token) else {
            return Ok(None);
        };
        let mut issuers = self.issuers.iter();
        let (_, keys) = self.at(issuers.position(|it| it.name == known.issuer()))?;
        let keys = keys.for_hint(known.key(), now).await?;
        Ok(known.claims(&keys, now)?)
    }

    fn at(&self, place: Option<usize>) -> Result<(&TrustedIssuer, &Keys), Failure> {
        let found = place.and_then(|place| Some((self.issuers.get(place)?, self.keys.get(place)?)));
        Ok(found.ok_or(ClaimsError::Issuer)?)
    }

    fn tokens(&self) -> MutexGuard<'_, VerifiedTokens> {
        self.verified.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Verifies a token with the issuer's keys, and returns those, too; once more, if it
/// names none of them and the issuer has others by now.
async fn verify(
    token: &str,
    issuer: &TrustedIssuer,
    keys: &Keys,
    now: Timestamp,
) -> Result<(Verified, KeySet), Failure> {
    let hint = UnverifiedToken::read(token)?.key_hint(&issuer.algorithms)?;
    let current = keys.for_hint(&hint, now).await?;
    let found = Verified::new(token, current.clone(), issuer, now);
    let again = match &found {
        Err(Refused::Token(error)) => error.second_lookup(&hint, &current),
        Err(Refused::Claims(_)) | Ok(_) => None,
    };
    let Some(again) = again else {
        return Ok((found?, current));
    };
    let newer = keys.for_hint(&again, now).await?;
    Ok((Verified::new(token, newer.clone(), issuer, now)?, newer))
}

/// Never logs a query, a header or a token.
fn log(event: &Event, judged: &Result<(Arc<Claims>, Verdict), Failure>) {
    let Event {
        method, request_id, ..
    } = event;
    let kind = event.kind.as_str();
    let path = event.paths.first();
    match judged {
        Ok((claims, Verdict { operation, ruling })) => {
            let verdict = if ruling.is_ok() { "allow" } else { "deny" };
            let (rule, why) = (ruling.as_ref().ok(), ruling.as_ref().err());
            let user = &claims.name;
            tracing::info!(
                request_id, kind, method, path, operation, verdict, user, rule, why, "answered"
            );
        }
        Err(Failure::Unauthorized(why)) => {
            tracing::info!(request_id, kind, method, path, verdict = "refuse", %why, "answered");
        }
        Err(failure) => {
            tracing::error!(
                request_id, kind, method, path, verdict = "fail", why = %failure, "answered"
            );
        }
    }
}

/// The function's clock.
fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(since.as_secs())
}

#[cfg(test)]
mod tests;
