//! A `config.json` whose provider endpoints are still to be discovered.
//!
//! A site of files needs them written down. A gateway asks the issuer when it
//! starts, if the configuration has neither `provider.domain` nor
//! `provider.endpoints` and the issuer is no Cognito user pool, whose document
//! does not name its login's host. Until then it serves no requests.

use std::time::Duration;

use serde_json::{Map, Value, json};
use shell_core::{Config, algorithm::Algorithms, config::Endpoints};

use super::config_problems;
use crate::{
    auth::discovery::{self, DiscoveredProvider, DiscoveryError},
    http_client::{HttpClient, network::Network},
    settings::{Settings, is_user_pool, issuer_url},
};

/// The first pause between two attempts; each is twice the last.
const INITIAL_BACKOFF: Duration = Duration::from_secs(1);

/// The longest pause.
const MAX_BACKOFF: Duration = Duration::from_secs(30);

/// A configuration, complete or not yet.
#[derive(Debug, Clone)]
pub struct PendingConfig {
    document: Value,
    /// If it is incomplete, with placeholders for the endpoints.
    config: Config,
    is_complete: bool,
}

impl PendingConfig {
    /// Reads a `config.json`, and refuses all that is wrong in it already.
    ///
    /// # Errors
    /// With a line for each key that is wrong: what is wrong with it, and the cure.
    pub fn read(text: &str) -> Result<Self, String> {
        let Ok(document) = shell_core::json::parse(text) else {
            let config = Config::parse(text).map_err(|error| error.to_string())?;
            return Ok(Self::complete_with(config));
        };
        let Some(issuer) = issuer_to_discover(&document) else {
            let parse = |document: &Value| Config::parse(&document.to_string());
            let config = config_problems::all(document, parse)?;
            check_sign_in(&config)?;
            return Ok(Self::complete_with(config));
        };
        issuer_url::discovery_url(issuer)
            .map_err(|error| format!("config.json: `provider.issuer`: {error}"))?;
        let placeholders = placeholder_keys(issuer);
        let config = config_problems::all(document.clone(), |document| {
            Config::parse(&with_provider_keys(document, &placeholders))
        })?;
        check_sign_in(&config)?;
        Ok(Self {
            document,
            config,
            is_complete: false,
        })
    }

    fn complete_with(config: Config) -> Self {
        Self {
            document: Value::Null,
            config,
            is_complete: true,
        }
    }

    /// Whether there is nothing to discover.
    pub fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// The configuration; the endpoints of an incomplete one are placeholders.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The configuration, for which the provider is asked once if it is incomplete.
    ///
    /// # Errors
    /// With what is wrong with the provider's answer.
    pub async fn discover(&self, network: &Network) -> Result<Config, String> {
        if self.is_complete {
            return Ok(self.config.clone());
        }
        self.ask(&HttpClient::new(&Settings::default(), network))
            .await
    }

    /// Asks the provider until it answers, and completes the configuration by
    /// that.
    pub(crate) async fn complete(&self, network: &Network) -> Config {
        let client = HttpClient::new(&Settings::default(), network);
        let mut backoff = INITIAL_BACKOFF;
        if self.is_complete {
            return self.config.clone();
        }
        loop {
            match self.ask(&client).await {
                Ok(config) => return config,
                Err(why) => {
                    let seconds = backoff.as_secs();
                    tracing::error!(
                        "no endpoints to sign in at: {why}; asked again in {seconds} s"
                    );
                }
            }
            tokio::time::sleep(backoff).await;
            backoff = MAX_BACKOFF.min(2 * backoff);
        }
    }

    async fn ask(&self, client: &HttpClient) -> Result<Config, String> {
        let said = |error: DiscoveryError| error.to_string();
        let issuer = &self.config.provider.issuer;
        let found = discovery::discover(client, issuer).await.map_err(said)?;
        let algorithms = &self.config.provider.algorithms;
        found.check_sign_in(algorithms).map_err(said)?;
        let text = with_provider_keys(&self.document, &provider_keys(&found));
        Config::parse(&text).map_err(|error| error.to_string())
    }
}

/// Checks what browsers do not read of a configuration.
fn check_sign_in(config: &Config) -> Result<(), String> {
    let checked = config.check_sign_in();
    checked.map_err(|wrong| format!("config.json: {wrong}"))
}

/// Asks `issuer` for its endpoints, and returns a `config.json` with them for
/// the app client `client_id` of a site at `origin`.
///
/// # Errors
/// With what is wrong: with the issuer's answer, or with what was given.
pub async fn discover_config(
    issuer: &str,
    client_id: &str,
    origin: &str,
    network: &Network,
) -> Result<Value, String> {
    let said = |error: DiscoveryError| error.to_string();
    let found = discovery::discover(&HttpClient::new(&Settings::default(), network), issuer).await;
    let found = found.map_err(said)?;
    found.check_sign_in(&Algorithms::all()).map_err(said)?;
    let mut document = json!({
        "origin": origin,
        "provider": { "issuer": issuer, "client_id": client_id },
    });
    let text = with_provider_keys(&document, &provider_keys(&found));
    let config = Config::parse(&text);
    let provider = config.map_err(|error| error.to_string())?.provider;
    let mut provider_keys = provider_keys(&found);
    if provider.endpoints == Endpoints::of_cognito(&provider.domain) {
        provider_keys.remove("endpoints");
    }
    if let Some(provider) = document["provider"].as_object_mut() {
        provider.extend(provider_keys);
    }
    Ok(document)
}

/// The issuer of a configuration that leaves its endpoints open.
fn issuer_to_discover(document: &Value) -> Option<&str> {
    let provider = document["provider"].as_object()?;
    let is_open = !provider.contains_key("domain") && !provider.contains_key("endpoints");
    let issuer = provider.get("issuer")?.as_str()?;
    (is_open && !is_user_pool(issuer)).then_some(issuer)
}

/// The document, with these keys in its `provider`.
fn with_provider_keys(document: &Value, provider_keys: &Map<String, Value>) -> String {
    let mut document = document.clone();
    if let Some(provider) = document["provider"].as_object_mut() {
        provider.extend(provider_keys.clone());
    }
    document.to_string()
}

/// What `provider` has where its issuer tells it.
pub(crate) fn provider_keys(found: &DiscoveredProvider) -> Map<String, Value> {
    let authorization = found.authorization_endpoint.as_deref().unwrap_or_default();
    let endpoints = [
        ("authorization", Some(authorization)),
        ("token", found.token_endpoint.as_deref()),
        ("revocation", found.revocation_endpoint.as_deref()),
        ("end_session", found.end_session_endpoint.as_deref()),
    ];
    let endpoints = endpoints.into_iter();
    let endpoints = endpoints.filter_map(|(name, url)| Some((name.to_owned(), json!(url?))));
    let domain = origin(authorization);
    let provider_keys = [
        ("domain", json!(domain)),
        ("endpoints", Value::Object(endpoints.collect())),
    ];
    provider_keys
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .collect()
}

/// Placeholder endpoints, with which the rest is validated. They are never served.
fn placeholder_keys(issuer: &str) -> Map<String, Value> {
    let provider_keys = json!({
        "domain": origin(issuer),
        "endpoints": { "authorization": issuer, "token": issuer },
    });
    provider_keys.as_object().cloned().unwrap_or_default()
}

/// The origin of a URL that has been checked.
fn origin(url: &str) -> &str {
    let mut slashes = url.match_indices('/').map(|(at, _)| at);
    slashes.nth(2).map_or(url, |end| &url[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "https://id.example.com/realms/ml";

    #[test]
    fn what_leaves_its_endpoints_open_is_to_be_completed() {
        let pool = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example";
        let endpoints =
            json!({"authorization": "https://a.example/a", "token": "https://a.example/t"});
        let table = [
            (json!({"issuer": ISSUER}), Ok(false)),
            (
                json!({"issuer": ISSUER, "domain": "https://a.example"}),
                Ok(true),
            ),
            (
                json!({"issuer": ISSUER, "domain": "https://a.example", "endpoints": endpoints}),
                Ok(true),
            ),
            (
                json!({"issuer": pool}),
                Err("config.json: `provider.domain` is missing"),
            ),
            (
                json!({"issuer": "http://id.example.com"}),
                Err("config.json: `provider.issuer`: the issuer `http://id.example.com` must use"),
            ),
            (
                json!({"issuer": ISSUER, "scopes": ["email"]}),
                Err("config.json: `provider.scopes` must have `openid`"),
            ),
            (
                json!({"issuer": ISSUER, "tenant": 1}),
                Err("config.json: `provider.tenant`"),
            ),
        ];
        for (provider, expected) in table {
            let found = PendingConfig::read(&config(&provider));
            let found = found.map(|pending| pending.is_complete());
            match (&found, expected) {
                (Err(said), Err(begins)) => assert!(said.starts_with(begins), "{said}"),
                (found, expected) => {
                    assert_eq!(*found, expected.map_err(String::from), "{provider}");
                }
            }
        }
    }

    /// What browsers read without a look at it is checked here.
    #[test]
    fn a_terminal_is_returned_to_on_this_machine_only() {
        let text = config(&json!({"issuer": ISSUER}));
        let abroad = r#"{"access": "token", "sign_in": {"redirect_uri": "https://a.example/"}}"#;
        let text = text.replacen('{', &format!(r#"{{"python": {abroad},"#), 1);
        let said = PendingConfig::read(&text).unwrap_err();
        let expected = "config.json: `python.sign_in.redirect_uri` must be an http URL";
        assert!(said.starts_with(expected), "{said}");
    }

    #[test]
    fn a_key_that_is_there_twice_is_refused_here_too() {
        let text = config(&json!({"issuer": ISSUER})).replacen('{', r#"{"origin": 1,"#, 1);
        assert!(PendingConfig::read(&text).is_err());
    }

    #[test]
    fn a_completed_configuration_has_what_the_issuer_tells() {
        let found = json!({
            "issuer": ISSUER,
            "jwks_uri": "https://id.example.com/keys",
            "authorization_endpoint": "https://login.example.com/auth?a=b",
            "token_endpoint": "https://api.example.com/token",
        });
        let found = discovery::accept(ISSUER, &found.to_string()).unwrap();
        let document = json!({"origin": "https://m.example.com", "provider": {"issuer": ISSUER}});
        let text = with_provider_keys(&document, &provider_keys(&found));
        let config: Value = serde_json::from_str(&text).unwrap();
        let expected = json!({
            "issuer": ISSUER,
            "domain": "https://login.example.com",
            "endpoints": {
                "authorization": "https://login.example.com/auth?a=b",
                "token": "https://api.example.com/token",
            },
        });
        assert_eq!(config["provider"], expected);
    }

    fn config(provider: &Value) -> String {
        let mut provider = provider.clone();
        provider["client_id"] = "client".into();
        json!({"origin": "https://mlflow.example.com", "provider": provider}).to_string()
    }
}
