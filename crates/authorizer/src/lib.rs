//! An AWS Lambda authorizer for REST APIs of Amazon API Gateway.
//!
//! ```text
//!  event ─▶ bearer ─▶ keys (loaded, cached) ─▶ signature (jose)
//!                        ─▶ claims (core) ─▶ admission (core) ─▶ answer
//! ```
//!
//! *In scope*: events of type `REQUEST`, the answers API Gateway expects, the
//! issuer's keys, configuration by environment variables. *Out of scope*: who
//! is admitted, and what makes a token good, which `shell-core` and
//! `shell-jose` decide; events of type `TOKEN` and of HTTP APIs, which are
//! refused.
//!
//! | the request has | the function | the caller sees |
//! |---|---|---|
//! | a good token, a user in an admitted group | answers `Allow` | MLflow |
//! | a good token, a user in none | answers `Deny` | 403 |
//! | no token, or one that is refused | fails with `Unauthorized` | 401 |
//! | a token that cannot be checked now | fails with other words | 500 |

mod answer;
mod event;
mod failure;
mod keys;
mod settings;

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;
use shell_core::{Timestamp, claims::Expected};

use self::keys::Keys;
pub use self::{
    answer::{Answer, Context, answer},
    event::Event,
    failure::{Failure, Why},
    settings::{Settings, SettingsError},
};

/// Answers events; keeps the issuer's keys between them.
#[derive(Debug)]
pub struct Authorizer {
    settings: Settings,
    keys: Keys,
}

impl Authorizer {
    /// Makes an authorizer that has loaded no keys yet.
    pub fn new(settings: Settings) -> Self {
        let keys = Keys::new(settings.jwks_url.clone());
        Self { settings, keys }
    }

    /// Answers one event, and logs the answer in one line.
    pub async fn authorize(&self, payload: Value) -> Result<Answer, Failure> {
        let event = Event::read(payload).inspect_err(|failure| {
            tracing::error!(why = %failure, "event refused");
        })?;
        let verdict = self.judge(&event).await;
        log(&event, &verdict);
        verdict
    }

    async fn judge(&self, event: &Event) -> Result<Answer, Failure> {
        let keys = self.keys.for_kid(&event.key_id()?).await?;
        let expected = Expected {
            issuer: &self.settings.issuer,
            client_id: &self.settings.client_id,
            bearer: self.settings.bearer,
        };
        answer(event, &keys, expected, now())
    }
}

fn log(event: &Event, verdict: &Result<Answer, Failure>) {
    let Event {
        method,
        path,
        request_id,
        ..
    } = event;
    match verdict {
        Ok(answer) => {
            let Context { user, rule, .. } = &answer.context;
            let verdict = if rule.is_some() { "allow" } else { "deny" };
            tracing::info!(request_id, method, path, verdict, user, rule, "answered");
        }
        Err(Failure::Unauthorized(why)) => {
            tracing::info!(request_id, method, path, verdict = "refuse", %why, "answered");
        }
        Err(failure) => {
            tracing::error!(request_id, method, path, verdict = "fail", why = %failure, "answered");
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
