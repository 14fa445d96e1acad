//! The issuer's keys, from where the gateway loads them.

use axum::http::StatusCode;
use serde_json::Value;
use shell_gateway::settings::{KeySource, TrustedIssuer};
use shell_jose::KeySet;

use super::{Checked, issuer::Document, plain};
use crate::checks::{
    CheckResult,
    failure::{Failure, failure},
};

impl Checked<'_> {
    /// Loads the keys, and says what was found: keys that cannot be used, too.
    pub(super) async fn keys(&self, document: Option<&Document>) -> (Option<KeySet>, CheckResult) {
        let text = match self.key_document(document).await {
            Ok(text) => text,
            Err(failure) => return (None, Err(failure)),
        };
        match KeySet::parse(&text) {
            Ok(keys) => {
                let found = describe(&keys, &text);
                (Some(keys), Ok(found))
            }
            Err(error) => (None, Err(unusable(&error.to_string(), &text))),
        }
    }

    async fn key_document(&self, document: Option<&Document>) -> CheckResult<String> {
        let named = document.and_then(Document::jwks_uri);
        let url = match (TrustedIssuer::of(self.config, None).keys, named) {
            (KeySource::At(url), _) => url.to_string(),
            (KeySource::Discovered(_), Some(named)) => named.to_owned(),
            (KeySource::Discovered(issuer), None) => {
                let cure = "correct `provider.issuer`";
                return failure(format!("{issuer} does not say where its keys are"), cure);
            }
        };
        let answer = self.probe.get(&url).await?;
        if answer.status == StatusCode::OK {
            return Ok(answer.body);
        }
        let cure = match named.filter(|named| *named != url) {
            Some(named) => format!("give the gateway --jwks {}", plain(named)),
            None => "correct `provider.issuer`".to_owned(),
        };
        failure(format!("{url} answers {}", answer.status), cure)
    }
}

fn describe(keys: &KeySet, text: &str) -> String {
    let count = keys.key_ids().count();
    match left_out(keys, text).as_slice() {
        [] => format!("{count} usable"),
        others => format!("{count} usable; not used: {}", others.join(", ")),
    }
}

fn unusable(error: &str, text: &str) -> Failure {
    let others = left_out(&KeySet::default(), text);
    let found = match others.as_slice() {
        [] => format!("no key to check tokens with: {error}"),
        others => format!(
            "no key to check tokens with ({error}): {}",
            others.join(", ")
        ),
    };
    Failure {
        found,
        cure: "have the provider publish a signing key with a `kid`, of an algorithm that is \
               taken (docs/PROVIDERS.md)"
            .to_owned(),
    }
}

/// The keys of a document that are not among `keys`, each in words.
fn left_out(keys: &KeySet, text: &str) -> Vec<String> {
    let document: Value = serde_json::from_str(text).unwrap_or_default();
    let listed = document["keys"].as_array().into_iter().flatten();
    let others = listed.filter(|key| !key["kid"].as_str().is_some_and(|kid| keys.contains(kid)));
    others.take(5).map(in_words).collect()
}

fn in_words(key: &Value) -> String {
    let text = |name: &str| key[name].as_str().map(plain);
    let family = text("kty").unwrap_or_else(|| "a key of no kind".to_owned());
    let algorithm = text("alg").or_else(|| text("crv"));
    let other_use = text("use").filter(|purpose| purpose != "sig");
    let purpose = other_use.map(|purpose| format!("for `{purpose}`"));
    let details: Vec<_> = [Some(family), algorithm, purpose]
        .into_iter()
        .flatten()
        .collect();
    let details = details.join(" ");
    match text("kid") {
        Some(kid) => format!("`{kid}` ({details})"),
        None => format!("one without `kid` ({details})"),
    }
}
