//! The issuer's own document (OpenID Connect Discovery 1.0).

use axum::http::StatusCode;
use serde_json::Value;
use shell_core::{Config, algorithm::Algorithms};

use super::{Checked, plain};
use crate::checks::{CheckResult, failure};

/// What an issuer says of itself.
#[derive(Debug)]
pub(super) struct Document(Value);

impl Checked<'_> {
    /// Reads the document, which must be the issuer's own.
    pub(super) async fn document(&self) -> CheckResult<Document> {
        let issuer = &self.config.provider.issuer;
        let url = format!(
            "{}/.well-known/openid-configuration",
            issuer.trim_end_matches('/')
        );
        let answer = self.probe.get(&url).await?;
        let document: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        match (answer.status, document["issuer"].as_str()) {
            (StatusCode::OK, Some(named)) if named == issuer => Ok(Document(document)),
            (StatusCode::OK, Some(named)) => other_name(self.config, named),
            (status, _) => failure(
                format!("{url} answers {status}, and no issuer"),
                "correct `provider.issuer`: it is the `iss` of the provider's tokens",
            ),
        }
    }
}

fn other_name(config: &Config, named: &str) -> CheckResult<Document> {
    let issuer = &config.provider.issuer;
    let [shown, bare] = [named, issuer].map(|name| name.trim_end_matches('/'));
    if shown == bare {
        let which = if named.ends_with('/') {
            "with"
        } else {
            "without"
        };
        return failure(
            format!(
                "the issuer calls itself `{}`, {which} a `/` at the end",
                plain(named)
            ),
            format!("set `provider.issuer` to `{}`", plain(named)),
        );
    }
    failure(
        format!("the issuer calls itself `{}`", plain(named)),
        "copy `provider.issuer` from the `issuer` of its own document; of a Cognito user pool, \
         region and pool id included",
    )
}

impl Document {
    /// Where the keys are.
    pub(super) fn jwks_uri(&self) -> Option<&str> {
        self.0["jwks_uri"].as_str()
    }

    /// Whether users can sign in there as we do. What a document leaves out is not
    /// judged, but for what it must have.
    pub(super) fn judge(&self, algorithms: &Algorithms) -> CheckResult {
        for name in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
            if self.0[name].as_str().is_none() {
                return failure(
                    format!("its document names no `{name}`"),
                    "give the endpoints in `provider.endpoints`, and the keys as the gateway's \
                     `jwks`",
                );
            }
        }
        let is_taken = |name: &str| algorithms.check(name).is_ok();
        self.takes(
            "id_token_signing_alg_values_supported",
            is_taken,
            &format!("sign ID tokens with one of {algorithms}"),
        )?;
        self.takes(
            "code_challenge_methods_supported",
            |name| name == "S256",
            "take PKCE by S256",
        )?;
        Ok("is who it says".to_owned())
    }

    fn takes(&self, list: &str, is_taken: impl Fn(&str) -> bool, what: &str) -> CheckResult<()> {
        let Some(listed) = self.0[list].as_array() else {
            return Ok(());
        };
        let listed: Vec<_> = listed.iter().filter_map(Value::as_str).collect();
        if listed.iter().any(|name| is_taken(name)) {
            return Ok(());
        }
        failure(
            format!("`{list}` has only {}", plain(&listed.join(", "))),
            format!("have the provider {what}"),
        )
    }
}
