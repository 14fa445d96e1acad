//! The issuer's keys, from where the gateway loads them.

use axum::http::StatusCode;
use shell_core::algorithm::{Algorithm, Algorithms};
use shell_gateway::settings::{KeySource, TrustedIssuer};
use shell_jose::{IgnoredKey, KeySet, KeySetError};

use super::{Checked, issuer::Document, plain};
use crate::checks::{
    CheckResult,
    failure::{Failure, failure},
};

/// Most keys that are not used and are named.
const SHOWN_KEYS: usize = 5;

impl Checked<'_> {
    /// Loads the keys, and says what was found: keys that cannot be used, too.
    pub(super) async fn keys(&self, document: Option<&Document>) -> (Option<KeySet>, CheckResult) {
        let text = match self.key_document(document).await {
            Ok(text) => text,
            Err(failure) => return (None, Err(failure)),
        };
        match KeySet::parse(&text) {
            Ok(keys) => {
                let found = describe(&keys);
                (Some(keys), Ok(found))
            }
            Err(error) => (
                None,
                Err(unusable(&error, &self.config.provider.algorithms)),
            ),
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

/// The algorithms of the keys, and the keys that cannot be used.
fn describe(keys: &KeySet) -> String {
    let algorithms: Vec<_> = keys.algorithms().map(Algorithm::name).collect();
    let found = format!("{} for {}", keys.count(), algorithms.join(", "));
    match left_out(keys.ignored()).as_str() {
        "" => found,
        others => format!("{found}; not used: {others}"),
    }
}

fn unusable(error: &KeySetError, wanted: &Algorithms) -> Failure {
    let others = match error {
        KeySetError::NoUsableKey(ignored) => format!(": {}", left_out(ignored)),
        KeySetError::Malformed | KeySetError::TooMany => format!(": {error}"),
    };
    Failure {
        found: format!("no key to check tokens with{others}"),
        cure: format!("have the provider publish a signing key for one of {wanted}"),
    }
}

fn left_out(ignored: &[IgnoredKey]) -> String {
    let words = ignored.iter().take(SHOWN_KEYS);
    let words = words.map(|ignored| plain(&ignored.to_string()));
    words.collect::<Vec<_>>().join("; ")
}
