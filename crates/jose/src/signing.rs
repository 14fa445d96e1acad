use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jwt_compact::{
    Algorithm, AlgorithmSignature,
    alg::{ModulusBits, Rsa, RsaPrivateKey, RsaPublicKey, StrongAlg, StrongKey},
    jwk::JsonWebKey,
};
use rand_core::OsRng;
use serde::Serialize;
use serde_json::{Value, json};
use shell_core::Secret;

/// What Cognito signs with.
const RS256: StrongAlg<Rsa> = StrongAlg(Rsa::rs256());

/// A key that signs tokens: for the development provider and for tests.
///
/// Not for production. It lives in memory, for as long as the process does, and
/// the RSA implementation beneath it is not proof against someone who measures
/// how long signing takes (RUSTSEC-2023-0071). Nothing that serves other
/// machines signs anything. `Debug` prints the name only.
#[derive(Clone)]
pub struct SigningKey {
    kid: String,
    private: StrongKey<RsaPrivateKey>,
    public: StrongKey<RsaPublicKey>,
}

/// Why a key could not be made or used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningError {
    /// No key was found; the machine's randomness is in doubt.
    Generation,
    /// The claims do not serialise to a JSON object.
    Claims,
}

impl SigningKey {
    /// Generates an RSA key of 2048 bits, Cognito's size, from the operating
    /// system's randomness.
    pub fn generate(kid: impl Into<String>) -> Result<Self, SigningError> {
        let (private, public) = Rsa::generate(&mut OsRng, ModulusBits::TwoKibibytes)
            .map_err(|_| SigningError::Generation)?;
        Ok(Self {
            kid: kid.into(),
            private,
            public,
        })
    }

    /// The same key under another name, for tokens whose key cannot be found.
    #[must_use]
    pub fn renamed(&self, kid: impl Into<String>) -> Self {
        Self {
            kid: kid.into(),
            ..self.clone()
        }
    }

    /// The name that tokens and key sets give to this key.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Signs `claims` as an RS256 token with this key's name in its header.
    pub fn sign(&self, claims: &impl Serialize) -> Result<Secret, SigningError> {
        let claims = serde_json::to_value(claims).map_err(|_| SigningError::Claims)?;
        if !claims.is_object() {
            return Err(SigningError::Claims);
        }
        let header = json!({ "alg": "RS256", "kid": self.kid });
        Ok(self.sign_unchecked(&header.to_string(), &claims.to_string()))
    }

    /// Signs a header and a payload as they are, whatever they say: for tests
    /// of who refuses them.
    pub fn sign_unchecked(&self, header: &str, payload: &str) -> Secret {
        let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let signed = format!(
            "{}.{}",
            encode(header.as_bytes()),
            encode(payload.as_bytes())
        );
        let signature = RS256.sign(&self.private, signed.as_bytes());
        Secret::new(format!("{signed}.{}", encode(&signature.as_bytes())))
    }

    /// The public half, as a member of a key set.
    pub fn public_jwk(&self) -> Value {
        let key = JsonWebKey::from(self.public.as_ref());
        let mut jwk = json!({ "kid": self.kid, "alg": "RS256", "use": "sig" });
        if let (Value::Object(all), Ok(Value::Object(key))) = (&mut jwk, serde_json::to_value(key))
        {
            all.extend(key);
        }
        jwk
    }
}

/// The key set that publishes `keys`.
pub fn jwks<'a>(keys: impl IntoIterator<Item = &'a SigningKey>) -> Value {
    let keys: Vec<_> = keys.into_iter().map(SigningKey::public_jwk).collect();
    json!({ "keys": keys })
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("kid", &self.kid)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for SigningError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Generation => "no signing key could be generated",
            Self::Claims => "claims are not a JSON object",
        })
    }
}

impl std::error::Error for SigningError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_numbers_are_neither_printed_nor_published() {
        let key = SigningKey::generate("k=").unwrap();
        let jwk = key.public_jwk();

        assert_eq!(format!("{key:?}"), r#"SigningKey { kid: "k=", .. }"#);
        // serde_json may keep them in the order in which they were written.
        let mut members: Vec<_> = jwk.as_object().unwrap().keys().collect();
        members.sort_unstable();
        assert_eq!(members, ["alg", "e", "kid", "kty", "n", "use"]);
    }

    #[test]
    fn only_objects_are_claims() {
        let key = SigningKey::generate("k=").unwrap();

        assert_eq!(key.sign(&"text").unwrap_err(), SigningError::Claims);
        assert!(key.sign(&json!({})).is_ok());
    }
}
