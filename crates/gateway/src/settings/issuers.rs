//! `[[issuers]]`: whose tokens are accepted besides those of the sign-in.

use axum::http::Uri;
use serde::{Deserialize, Serialize};
use shell_core::{
    Config,
    algorithm::Algorithms,
    config::{Bearer, Endpoints, Groups, NameClaims},
};
use shell_jose::{Accepted, Issuer};

use super::issuer_url;

/// Tokens that are accepted besides those of the sign-in: a machine's, or those
/// of another issuer's users. Several of one issuer are alternatives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerSettings {
    /// The `iss` of the tokens.
    pub issuer: String,
    /// The app clients: `aud` of ID tokens, `client_id` of access tokens.
    #[serde(default)]
    pub client_ids: Vec<String>,
    /// The APIs: `aud` of access tokens.
    #[serde(default)]
    pub audiences: Vec<String>,
    /// Which kind of token.
    #[serde(default)]
    pub bearer: BearerKind,
    /// Where its keys are, if not where its discovery document says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks: Option<String>,
    /// How groups are found: rules as `provider.groups` of `config.json` has.
    pub groups: serde_json::Value,
    /// What the tokens may be signed with, as `provider.algorithms` of `config.json`
    /// has; empty is the same for the sign-in's issuer, and all for others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub algorithms: Vec<String>,
    /// Which claim is the name of a user or machine, as `provider.name_claims` of
    /// `config.json` has; empty is the usual order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub name_claims: Vec<String>,
}

/// How rules for groups are written.
pub(crate) const GROUPS_CURE: &str = "write rules, such as [{\"claim\": \"groups\"}], which takes the values of that claim as \
     groups, or [{\"claim\": \"roles\", \"value\": \"ml-team\", \"group\": \"admins\"}]";

/// A kind of token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BearerKind {
    /// An ID token.
    #[default]
    Id,
    /// An access token.
    Access,
}

/// Where an issuer's keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// There.
    At(Uri),
    /// Where the discovery document of this issuer says, which is read each time
    /// keys are loaded: they may move.
    Discovered(String),
}

/// An issuer, and where its keys are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedIssuer {
    /// The issuer, and what is accepted of it.
    pub issuer: Issuer,
    /// Where its keys are.
    pub keys: KeySource,
}

/// Which issuer or place of keys was refused, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{setting}`: `{url}`: {problem}")]
pub struct IssuerError {
    setting: &'static str,
    url: String,
    problem: String,
}

impl TrustedIssuer {
    /// Where OpenID Connect issuers on Cognito's pattern publish their keys.
    pub fn default_jwks_url(config: &Config) -> Uri {
        let issuer = config.provider.issuer.trim_end_matches('/');
        // A validated configuration has a URL as its issuer.
        format!("{issuer}/.well-known/jwks.json")
            .parse()
            .unwrap_or_default()
    }

    /// The issuer that signs people in, with keys at `jwks` or where such a provider
    /// has them, and `others`.
    ///
    /// # Errors
    /// With the first that is wrong.
    pub fn all(
        config: &Config,
        jwks: Option<&Uri>,
        others: &[IssuerSettings],
    ) -> Result<Vec<Self>, IssuerError> {
        jwks.map_or(Ok(()), check_keys)?;
        let mut all = vec![Self::of(config, jwks)];
        for given in others {
            let trusted = given.read(config)?;
            match all.iter_mut().find(|one| one.issuer.name == given.issuer) {
                None => all.push(trusted),
                Some(one) => {
                    if given.jwks.is_some() && one.keys != trusted.keys {
                        return Err(given.wrong("its keys are in two places: give `jwks` once"));
                    }
                    let algorithms = &trusted.issuer.algorithms;
                    if !given.algorithms.is_empty() && one.issuer.algorithms != *algorithms {
                        return Err(given.wrong(
                            "its algorithms differ in two places: give `algorithms` once, or the \
                             same, for the issuer of config.json as `provider.algorithms`",
                        ));
                    }
                    one.issuer.accepted.extend(trusted.issuer.accepted);
                }
            }
        }
        Ok(all)
    }

    /// The issuer that signs people in, with keys at `jwks` or where such a
    /// provider has them.
    pub fn of(config: &Config, jwks: Option<&Uri>) -> Self {
        let provider = &config.provider;
        let is_cognito = provider.endpoints == Endpoints::of_cognito(&provider.domain);
        let accepted = Accepted {
            client_ids: config.client_ids(),
            audiences: Vec::new(),
            bearer: config.bearer,
            groups: provider.groups.clone(),
            names: provider.name_claims.clone(),
        };
        Self {
            issuer: Issuer {
                name: provider.issuer.clone(),
                algorithms: provider.algorithms.clone(),
                leeway: provider.clock_leeway,
                accepted: vec![accepted],
            },
            keys: match jwks {
                Some(url) => KeySource::At(url.clone()),
                None if is_cognito => below(&provider.issuer),
                None => KeySource::of(&provider.issuer),
            },
        }
    }
}

/// Keys over plain `http` could be replaced on the way, and sign any user in.
fn check_keys(jwks: &Uri) -> Result<(), IssuerError> {
    let url = jwks.to_string();
    issuer_url::check(&url, true).map_err(|problem| IssuerError {
        setting: "jwks",
        problem: [&problem, ": name the https URL of the issuer's keys"].concat(),
        url,
    })
}

impl KeySource {
    /// Where an issuer's keys are. Cognito's are known; any other is asked.
    fn of(issuer: &str) -> Self {
        if is_user_pool(issuer) {
            below(issuer)
        } else {
            Self::Discovered(issuer.to_owned())
        }
    }
}

fn below(issuer: &str) -> KeySource {
    let url = [issuer.trim_end_matches('/'), "/.well-known/jwks.json"].concat();
    let url = url.parse();
    url.map_or_else(|_| KeySource::Discovered(issuer.to_owned()), KeySource::At)
}

/// Whether an issuer is written as Cognito writes its own, in either form.
pub(crate) fn is_user_pool(issuer: &str) -> bool {
    let host = |rest: &str| {
        let (host, pool) = rest.split_once('/')?;
        let region = host
            .strip_suffix(".amazonaws.com")
            .or_else(|| host.strip_suffix(".amazonaws.com.cn"))?;
        let (service, region) = region.split_once('.')?;
        let is_service = matches!(service, "cognito-idp" | "issuer-cognito-idp");
        Some(is_service && !region.contains('.') && pool.starts_with(&format!("{region}_")))
    };
    let rest = issuer.strip_prefix("https://");
    rest.and_then(host).unwrap_or(false)
}

impl IssuerSettings {
    fn read(&self, config: &Config) -> Result<TrustedIssuer, IssuerError> {
        issuer_url::discovery_url(&self.issuer).map_err(|why| self.wrong(&why))?;
        self.check_recipients(config)?;
        let keys = match &self.jwks {
            None => KeySource::of(&self.issuer),
            Some(url) => KeySource::At(self.keys_at(url)?),
        };
        let groups = Groups::parse(&self.groups.to_string());
        let accepted = Accepted {
            client_ids: self.client_ids.clone(),
            audiences: self.audiences.clone(),
            bearer: match self.bearer {
                BearerKind::Id => Bearer::Id,
                BearerKind::Access => Bearer::Access,
            },
            groups: groups
                .map_err(|why| self.wrong(&["`groups`: ", &why, ": ", GROUPS_CURE].concat()))?,
            names: self.names()?,
        };
        let issuer = Issuer {
            name: self.issuer.clone(),
            algorithms: self.algorithms()?,
            leeway: config.provider.clock_leeway,
            accepted: vec![accepted],
        };
        Ok(TrustedIssuer { issuer, keys })
    }

    fn algorithms(&self) -> Result<Algorithms, IssuerError> {
        if self.algorithms.is_empty() {
            return Ok(Algorithms::all());
        }
        let algorithms = Algorithms::parse(self.algorithms.iter().map(String::as_str));
        algorithms.map_err(|why| self.wrong(&["`algorithms` ", &why].concat()))
    }

    fn names(&self) -> Result<NameClaims, IssuerError> {
        if self.name_claims.is_empty() {
            return Ok(NameClaims::default());
        }
        let names = NameClaims::new(self.name_claims.clone());
        names.map_err(|why| self.wrong(&["`name_claims` ", why].concat()))
    }

    /// The recipients of tokens have to be named, in the way of their kind.
    fn check_recipients(&self, config: &Config) -> Result<(), IssuerError> {
        let apps = config.client_ids();
        let is_app = |name: &String| apps.contains(name);
        let names = || self.client_ids.iter().chain(&self.audiences);
        let problem = if names().any(|name| name.trim().is_empty()) {
            "`client_ids` and `audiences` must have no empty names"
        } else if names().next().is_none() {
            "say for whom tokens are: with `client_ids`, or `audiences` for access tokens"
        } else if self.bearer == BearerKind::Id && !self.audiences.is_empty() {
            "`audiences` are those of access tokens: of an ID token name the `client_ids`"
        } else if self.audiences.iter().any(is_app) {
            "`audiences` must not have the app client of config.json, \
             whose ID tokens would pass for access tokens"
        } else {
            return Ok(());
        };
        Err(self.wrong(problem))
    }

    fn keys_at(&self, url: &str) -> Result<Uri, IssuerError> {
        let wrong = |why: &str| self.wrong(&format!("`jwks` {why}"));
        issuer_url::check(url, issuer_url::is_local(&self.issuer)).map_err(|why| wrong(&why))?;
        url.parse().map_err(|_| wrong("is not a URL"))
    }

    fn wrong(&self, problem: &str) -> IssuerError {
        IssuerError {
            setting: "issuers",
            url: self.issuer.clone(),
            problem: problem.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
