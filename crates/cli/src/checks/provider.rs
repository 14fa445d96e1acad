//! Checks of the provider: the hosted login, and the issuer of the tokens.

use axum::http::StatusCode;
use serde_json::Value;
use sha2::{Digest, Sha256};
use shell_core::{
    Entropy, Route,
    algorithm::{Algorithm, Algorithms},
    oauth::authorization::{Callback, CallbackError, Draws, Transaction},
};
use shell_gateway::{
    now,
    settings::{KeySource, TrustedIssuer},
};
use shell_jose::KeySet;

use super::{CheckResult, Deployed, Report, failure, probe::ProbeResponse};

/// Most characters of a provider's message that are shown.
const WORDS: usize = 80;

/// Checks the provider, and returns the issuer's keys.
pub(super) async fn check(deployed: &Deployed, report: &mut Report) -> Option<KeySet> {
    report.add("sign-in", deployed.sign_in().await);
    let discovered = deployed.discover().await;
    let named = discovered.as_ref().ok().cloned();
    report.add("issuer", discovered.map(|_| "is who it says".to_owned()));
    let keys = deployed.keys(named).await;
    let found = |keys: &KeySet| {
        let algorithms: Vec<_> = keys.algorithms().map(Algorithm::name).collect();
        format!("{} for {}", keys.count(), algorithms.join(", "))
    };
    report.add("keys", keys.as_ref().map(found).map_err(Clone::clone));
    keys.ok()
}

impl Deployed {
    /// Asks for a sign-in as the worker does, up to the login page.
    async fn sign_in(&self) -> CheckResult {
        let transaction = Transaction::begin(draws(), Route::default(), false, now());
        let digest = Sha256::digest(transaction.verifier()).into();
        let url = transaction.url(&self.config, digest);
        let headers = [("accept", "text/html")];
        let answer = self.probe.get_with(&url, &headers).await?;
        let Some(location) = self.next(&answer)? else {
            return Ok("the hosted login answers".to_owned());
        };
        self.refused(&location)?;
        let page = self.probe.get_with(&location, &headers).await?;
        if page.status == StatusCode::OK || page.status.is_redirection() {
            return Ok("the hosted login knows our client and address".to_owned());
        }
        failure(
            format!("the login page answers {}", page.status),
            "give the app client a login page (with managed login, a branding style), and allow \
             it an identity provider",
        )
    }

    /// Where the answer to our request for a sign-in leads.
    fn next(&self, answer: &ProbeResponse) -> CheckResult<Option<String>> {
        match answer.header("location") {
            Some(to) if answer.status.is_redirection() => {
                let domain = &self.config.provider.domain;
                let is_path = to.starts_with('/');
                Ok(Some(if is_path { format!("{domain}{to}") } else { to }))
            }
            _ if answer.status == StatusCode::OK => Ok(None),
            _ => failure(
                format!("the hosted login answers {} to our request", answer.status),
                format!("check `provider.domain`; {}", self.register()),
            ),
        }
    }

    /// Whether the provider refuses, on a page of its own or to our callback.
    fn refused(&self, location: &str) -> CheckResult<()> {
        let (path, query) = location.split_once('?').unwrap_or((location, ""));
        let error = if path == self.config.redirect_uri() {
            match Callback::parse(query, "") {
                Err(CallbackError::Provider { error, .. }) => Some(error),
                _ => None,
            }
        } else if path.ends_with("/error") {
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            let error = pairs.find(|(name, _)| name == "error");
            Some(error.map_or_else(String::new, |(_, error)| error.into_owned()))
        } else {
            None
        };
        match error {
            None => Ok(()),
            Some(error) => {
                let cure = self.cure(&error);
                failure(format!("the hosted login says `{}`", plain(&error)), cure)
            }
        }
    }

    fn cure(&self, error: &str) -> String {
        match error {
            "invalid_scope" | "invalid_request" => {
                let scopes = self.config.provider.scopes.join(" ");
                format!("allow the app client the scopes {scopes} and the code grant with PKCE")
            }
            "unauthorized_client" => "allow the app client the authorization code grant".to_owned(),
            _ => self.register(),
        }
    }

    fn register(&self) -> String {
        format!(
            "the app client {} must exist and have {} among its callback URLs, letter by letter",
            self.config.provider.client_id,
            self.config.redirect_uri()
        )
    }

    /// Returns the URL of the issuer's keys, as discovered.
    async fn discover(&self) -> CheckResult<String> {
        let issuer = &self.config.provider.issuer;
        let url = format!(
            "{}/.well-known/openid-configuration",
            issuer.trim_end_matches('/')
        );
        let answer = self.probe.get(&url).await?;
        let said: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        let cure = "copy `provider.issuer` from the `issuer` of the pool's own document, region \
             and pool id included";
        match (answer.status, said["issuer"].as_str()) {
            (StatusCode::OK, Some(named)) if named == issuer => {
                Ok(said["jwks_uri"].as_str().unwrap_or_default().to_owned())
            }
            (StatusCode::OK, Some(named)) => {
                failure(format!("the issuer calls itself `{}`", plain(named)), cure)
            }
            (status, _) => failure(format!("{url} answers {status}, and no issuer"), cure),
        }
    }

    /// Loads the keys from where the gateway does.
    async fn keys(&self, named: Option<String>) -> CheckResult<KeySet> {
        let url = match (TrustedIssuer::of(&self.config, None).keys, &named) {
            (KeySource::At(url), _) => url.to_string(),
            (KeySource::Discovered(_), Some(named)) => named.clone(),
            (KeySource::Discovered(issuer), None) => {
                let cure = "correct `provider.issuer`";
                return failure(format!("{issuer} does not say where its keys are"), cure);
            }
        };
        let answer = self.probe.get(&url).await?;
        if answer.status != StatusCode::OK {
            let named = named.filter(|named| *named != url);
            let cure = match named {
                Some(named) => format!("give the gateway --jwks {}", plain(&named)),
                None => "correct `provider.issuer`".to_owned(),
            };
            return failure(format!("{url} answers {}", answer.status), cure);
        }
        KeySet::parse(&answer.body).or_else(|error| {
            failure(
                format!("{url} has no keys to check tokens with: {error}"),
                format!(
                    "the issuer has to publish a key for one of {}",
                    Algorithms::all()
                ),
            )
        })
    }
}

/// The sign-in is never completed, so weak randomness would do.
fn draws() -> Draws {
    let draw = || {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).ok();
        Entropy(bytes)
    };
    Draws {
        state: draw(),
        nonce: draw(),
        verifier: draw(),
    }
}

/// A provider's message, made safe for a terminal.
fn plain(words: &str) -> String {
    let plain = words.chars().map(|character| match character {
        ' '..='~' => character,
        _ => '?',
    });
    plain.take(WORDS).collect()
}
