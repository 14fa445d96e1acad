use std::sync::Arc;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;
use shell_core::algorithm::Algorithm;
use shell_jose::{KeySet, KeySetError, SigningError, SigningKey, jwks};
use uuid::Uuid;

/// The two signing keys of a pool: Cognito signs ID tokens and access tokens
/// with different ones. Cloning shares them; generating takes a second or so.
#[derive(Debug, Clone)]
pub struct Keys(Arc<Pair>);

#[derive(Debug)]
struct Pair {
    id: SigningKey,
    access: SigningKey,
}

impl Keys {
    /// Generates both keys, under names that no earlier process used. They sign with
    /// RS256, as Cognito's do.
    pub fn generate() -> Result<Self, SigningError> {
        Self::generate_for(Algorithm::Rs256)
    }

    /// Generates both keys for `algorithm`, as providers other than Cognito have
    /// them.
    pub fn generate_for(algorithm: Algorithm) -> Result<Self, SigningError> {
        let key = || SigningKey::generate_for(key_name(), algorithm);
        Ok(Self(Arc::new(Pair {
            id: key()?,
            access: key()?,
        })))
    }

    /// The public halves, as `jwks.json` has them.
    pub fn jwks(&self) -> Value {
        jwks([&self.0.id, &self.0.access])
    }

    pub(crate) fn id(&self) -> &SigningKey {
        &self.0.id
    }

    pub(crate) fn access(&self) -> &SigningKey {
        &self.0.access
    }

    pub(crate) fn verifying(&self) -> Result<KeySet, KeySetError> {
        KeySet::parse(&self.jwks().to_string())
    }
}

/// Like Cognito's: 256 bits in plain base64, so `=` always, `+` and `/` often.
fn key_name() -> String {
    let halves = [Uuid::new_v4(), Uuid::new_v4()];
    BASE64_STANDARD.encode(halves.map(Uuid::into_bytes).concat())
}
