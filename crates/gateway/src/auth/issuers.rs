//! The trusted issuers, and the verification of their tokens.

use std::sync::{Arc, PoisonError, RwLock};

use shell_core::{
    claims::Claims,
    credentials::Reason,
    refusal::{Problem, Rejection},
};
use shell_jose::{
    Issuer, KeyHint, KeySet, Refused, UnverifiedToken, Verified, VerifiedTokens, VerifyError,
};
use tokio::runtime::Handle;

use super::{
    clock,
    issuer_keys::{IssuerKeys, KeyLookupError},
    rejection::reject_because,
};
use crate::{http_client::HttpClient, settings::TrustedIssuer, telemetry::metrics::Metrics};

/// The issuers, each with its keys. One that cannot be reached does not affect the
/// others.
#[derive(Debug)]
pub(crate) struct Issuers {
    trusted: Vec<Issuer>,
    /// In the same order.
    keys: Vec<Arc<IssuerKeys>>,
    /// For all requests.
    verified: RwLock<VerifiedTokens>,
}

impl Issuers {
    pub(crate) fn new(trusted: &[TrustedIssuer], client: &HttpClient, metrics: &Metrics) -> Self {
        let issuers = trusted.iter().map(|trusted| trusted.issuer.clone());
        let keys = trusted
            .iter()
            .map(|trusted| Arc::new(IssuerKeys::new(trusted, client.clone(), metrics.clone())));
        Self {
            trusted: issuers.collect(),
            keys: keys.collect(),
            verified: RwLock::default(),
        }
    }

    /// Whether the keys of all are there.
    pub(crate) fn are_loaded(&self) -> bool {
        self.keys.iter().all(|keys| keys.are_loaded())
    }

    /// Loads the keys before they are needed.
    pub(crate) fn preload(&self, runtime: &Handle) {
        for keys in &self.keys {
            runtime.spawn(keys.clone().preload());
        }
    }

    /// Verifies a token with the keys of the issuer that it names, and checks
    /// that it is for us.
    ///
    /// # Errors
    /// If it is refused, or cannot be checked now.
    pub(crate) async fn verify(&self, token: &str) -> Result<Arc<Claims>, Rejection> {
        if let Some(claims) = self.cached(token).await? {
            return Ok(claims);
        }
        let place = shell_jose::choose(token, &self.trusted).map_err(refuse)?;
        let (issuer, keys) = self.at(place)?;
        let (found, keys) = verify_with(keys, issuer, token).await?;
        let claims = found.claims(&keys, clock::now()).map_err(refuse)?;
        let mut verified = self
            .verified
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        verified.keep(token, Arc::new(found));
        claims.ok_or_else(unverifiable)
    }

    /// The claims of a token that was verified before, if it is still valid.
    async fn cached(&self, token: &str) -> Result<Option<Arc<Claims>>, Rejection> {
        let cached = {
            let verified = self.verified.read().unwrap_or_else(PoisonError::into_inner);
            verified.get(token)
        };
        let Some(cached) = cached else {
            return Ok(None);
        };
        let mut issuers = self.trusted.iter();
        let (_, keys) = self.at(issuers.position(|issuer| issuer.name == cached.issuer()))?;
        let keys = load(keys, cached.key()).await?;
        cached.claims(&keys, clock::now()).map_err(refuse)
    }

    fn at(&self, place: Option<usize>) -> Result<(&Issuer, &Arc<IssuerKeys>), Rejection> {
        let found = place.and_then(|place| Some((self.trusted.get(place)?, self.keys.get(place)?)));
        found.ok_or_else(|| reject(Reason::Issuer, &"its issuer is not configured"))
    }
}

/// Verifies a token with the issuer's keys, and returns those, too. A token that
/// names none of them, and that none of them signed, is verified once more if the
/// issuer has others by now.
async fn verify_with(
    keys: &Arc<IssuerKeys>,
    issuer: &Issuer,
    token: &str,
) -> Result<(Verified, KeySet), Rejection> {
    let hint = key_hint(token, issuer).map_err(refuse)?;
    let current = load(keys, &hint).await?;
    let verified = |keys: &KeySet| Verified::new(token, keys.clone(), issuer, clock::now());
    let found = verified(&current);
    let again = match &found {
        Err(Refused::Token(error)) => error.second_lookup(&hint, &current),
        Err(Refused::Claims(_)) | Ok(_) => None,
    };
    let Some(again) = again else {
        return Ok((found.map_err(refuse)?, current));
    };
    let newer = load(keys, &again).await?;
    Ok((verified(&newer).map_err(refuse)?, newer))
}

fn key_hint(token: &str, issuer: &Issuer) -> Result<KeyHint, VerifyError> {
    UnverifiedToken::read(token)?.key_hint(&issuer.algorithms)
}

async fn load(keys: &Arc<IssuerKeys>, hint: &KeyHint) -> Result<KeySet, Rejection> {
    keys.for_hint(hint).await.map_err(|error| match error {
        KeyLookupError::Unknown => {
            let why = "signed with a key the issuer does not publish";
            reject(Reason::Unknown, &why)
        }
        KeyLookupError::Unavailable => unverifiable(),
    })
}

/// The rejection of a refused token. The log has the reason of each.
fn refuse(why: impl Into<Refused>) -> Rejection {
    let why = why.into();
    reject_because(why.reason(), &why, why.problem())
}

/// The rejection of a token of which pages are told only that it is refused.
fn reject(reason: Reason, why: &dyn std::fmt::Display) -> Rejection {
    reject_because(reason, why, Problem::UNAUTHENTICATED)
}

fn unverifiable() -> Rejection {
    Rejection::with(Reason::Unverifiable, Problem::UNVERIFIABLE)
}
