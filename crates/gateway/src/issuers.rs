//! Whose tokens are believed, and their keys.

use std::sync::{Arc, PoisonError, RwLock};

use shell_core::{claims::Claims, refusal::Problem};
use shell_jose::{Issuer, KeySet, Verified, VerifiedTokens};
use tokio::runtime::Handle;

use crate::{
    client::Client,
    keys::{self, Keys, NoKeys},
    metrics::Metrics,
    settings::TrustedIssuer,
};

/// The issuers, each with its keys. One that cannot be reached is nobody else's
/// trouble.
#[derive(Debug)]
pub(crate) struct Issuers {
    trusted: Vec<Issuer>,
    /// In the same order.
    keys: Vec<Arc<Keys>>,
    /// For all requests.
    verified: RwLock<VerifiedTokens>,
}

impl Issuers {
    pub(crate) fn new(trusted: &[TrustedIssuer], client: &Client, metrics: &Metrics) -> Self {
        let issuers = trusted.iter().map(|trusted| trusted.issuer.clone());
        let keys = trusted
            .iter()
            .map(|trusted| Arc::new(Keys::new(trusted, client.clone(), metrics.clone())));
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

    /// Loads the keys before anybody needs them.
    pub(crate) fn load_ahead(&self, runtime: &Handle) {
        for keys in &self.keys {
            runtime.spawn(keys.clone().load_ahead());
        }
    }

    /// Verifies a token with the keys of the issuer that it names, and checks
    /// that it is for us.
    ///
    /// # Errors
    /// [`Problem::UNAUTHENTICATED`] if it is refused, and [`Problem::UNVERIFIABLE`]
    /// if it cannot be checked now.
    pub(crate) async fn verify(&self, token: &str) -> Result<Arc<Claims>, Problem> {
        if let Some(claims) = self.known(token).await? {
            return Ok(claims);
        }
        let kid = shell_jose::key_id(token).map_err(|error| refused(&error))?;
        let place = shell_jose::choose(token, &self.trusted).map_err(|error| refused(&error))?;
        let (issuer, keys) = self.at(place)?;
        let keys = load(keys, &kid).await?;
        let now = keys::now();
        let found = Verified::new(token, keys.clone(), issuer, now);
        let found = found.map_err(|error| refused(&error))?;
        let claims = found.claims(&keys, now).map_err(|error| refused(&error))?;
        let mut verified = self
            .verified
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        verified.keep(token, Arc::new(found));
        claims.ok_or(Problem::UNVERIFIABLE)
    }

    /// The claims of a token that was verified before, if that still holds.
    async fn known(&self, token: &str) -> Result<Option<Arc<Claims>>, Problem> {
        let known = {
            let verified = self.verified.read().unwrap_or_else(PoisonError::into_inner);
            verified.get(token)
        };
        let Some(known) = known else {
            return Ok(None);
        };
        let mut issuers = self.trusted.iter();
        let (_, keys) = self.at(issuers.position(|issuer| issuer.name == known.issuer()))?;
        let keys = load(keys, known.key_id()).await?;
        let claims = known.claims(&keys, keys::now());
        claims.map_err(|error| refused(&error))
    }

    fn at(&self, place: Option<usize>) -> Result<(&Issuer, &Arc<Keys>), Problem> {
        let found = place.and_then(|place| Some((self.trusted.get(place)?, self.keys.get(place)?)));
        found.ok_or_else(|| refused(&"it was issued by somebody whom nobody configured"))
    }
}

async fn load(keys: &Arc<Keys>, kid: &str) -> Result<KeySet, Problem> {
    keys.for_kid(kid).await.map_err(|error| match error {
        NoKeys::Unknown => refused(&"signed with a key the issuer does not publish"),
        NoKeys::Unavailable => Problem::UNVERIFIABLE,
    })
}

/// The caller is told no more than that the token is refused; the log says why.
pub(crate) fn refused(why: &dyn std::fmt::Display) -> Problem {
    tracing::info!(%why, "token refused");
    Problem::UNAUTHENTICATED
}
