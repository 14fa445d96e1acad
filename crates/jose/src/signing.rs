use std::{fmt, sync::Arc};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jwt_compact::{
    Algorithm as _, AlgorithmSignature,
    alg::{ModulusBits, Rsa, RsaPrivateKey, StrongAlg, StrongKey},
    jwk::JsonWebKey,
};
use rand_core::OsRng;
use ring::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
        EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair,
    },
};
use serde::Serialize;
use serde_json::{Value, json};
use shell_core::{Secret, algorithm::Algorithm};

/// A key that signs tokens: for the development provider and for tests.
///
/// Not for production. It lives in memory, for as long as the process does, and
/// the RSA implementation beneath it is not proof against someone who measures
/// how long signing takes (RUSTSEC-2023-0071). Nothing that serves other
/// machines signs anything. `Debug` prints the name only.
#[derive(Clone)]
pub struct SigningKey {
    kid: String,
    algorithm: Algorithm,
    private: Private,
}

#[derive(Clone)]
enum Private {
    Rsa(Box<StrongKey<RsaPrivateKey>>),
    Ecdsa(Arc<EcdsaKeyPair>),
    Ed25519(Arc<Ed25519KeyPair>),
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
    /// system's randomness. It signs with RS256, as Cognito does.
    pub fn generate(kid: impl Into<String>) -> Result<Self, SigningError> {
        Self::generate_for(kid, Algorithm::Rs256)
    }

    /// Generates a key that signs with `algorithm`.
    pub fn generate_for(
        kid: impl Into<String>,
        algorithm: Algorithm,
    ) -> Result<Self, SigningError> {
        let private = match algorithm {
            Algorithm::Es256 => ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING),
            Algorithm::Es384 => ecdsa(&ECDSA_P384_SHA384_FIXED_SIGNING),
            Algorithm::EdDsa => ed25519(),
            Algorithm::Rs256
            | Algorithm::Rs384
            | Algorithm::Rs512
            | Algorithm::Ps256
            | Algorithm::Ps384
            | Algorithm::Ps512 => rsa(),
        };
        Ok(Self {
            kid: kid.into(),
            algorithm,
            private: private.ok_or(SigningError::Generation)?,
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

    /// The same RSA key, signing with another of the algorithms that such keys
    /// have.
    #[must_use]
    pub fn signing_with(&self, algorithm: Algorithm) -> Self {
        Self {
            algorithm,
            ..self.clone()
        }
    }

    /// The name that tokens and key sets give to this key.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// What it signs with.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Signs `claims` as a token with this key's algorithm and name in its header.
    pub fn sign(&self, claims: &impl Serialize) -> Result<Secret, SigningError> {
        let claims = serde_json::to_value(claims).map_err(|_| SigningError::Claims)?;
        if !claims.is_object() {
            return Err(SigningError::Claims);
        }
        let header = json!({ "alg": self.algorithm.name(), "kid": self.kid });
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
        let signature = self.private.sign(self.algorithm, signed.as_bytes());
        Secret::new(format!("{signed}.{}", encode(&signature)))
    }

    /// The public half, as a member of a key set.
    pub fn public_jwk(&self) -> Value {
        let mut jwk = json!({ "kid": self.kid, "alg": self.algorithm.name(), "use": "sig" });
        if let (Value::Object(all), Value::Object(key)) = (&mut jwk, self.private.public()) {
            all.extend(key);
        }
        jwk
    }
}

fn rsa() -> Option<Private> {
    let pair = Rsa::generate(&mut OsRng, ModulusBits::TwoKibibytes);
    pair.ok()
        .map(|(private, _)| Private::Rsa(Box::new(private)))
}

fn ecdsa(algorithm: &'static EcdsaSigningAlgorithm) -> Option<Private> {
    let random = SystemRandom::new();
    let pair = EcdsaKeyPair::generate_pkcs8(algorithm, &random).ok()?;
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, pair.as_ref(), &random);
    pair.ok().map(|pair| Private::Ecdsa(Arc::new(pair)))
}

fn ed25519() -> Option<Private> {
    let pair = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).ok()?;
    let pair = Ed25519KeyPair::from_pkcs8(pair.as_ref());
    pair.ok().map(|pair| Private::Ed25519(Arc::new(pair)))
}

impl Private {
    /// The signature; empty if there can be none.
    fn sign(&self, algorithm: Algorithm, signed: &[u8]) -> Vec<u8> {
        match self {
            Self::Rsa(key) => {
                let rsa = algorithm.name().parse::<Rsa>();
                let sign = |rsa: Rsa| StrongAlg(rsa).sign(key, signed).as_bytes().into_owned();
                rsa.map_or_else(|_| Vec::new(), sign)
            }
            Self::Ecdsa(pair) => {
                let signature = pair.sign(&SystemRandom::new(), signed);
                signature.map_or_else(|_| Vec::new(), |signature| signature.as_ref().to_vec())
            }
            Self::Ed25519(pair) => pair.sign(signed).as_ref().to_vec(),
        }
    }

    fn public(&self) -> Value {
        let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        match self {
            Self::Rsa(key) => {
                let key = key.to_public_key();
                serde_json::to_value(JsonWebKey::from(key.as_ref())).unwrap_or_default()
            }
            Self::Ecdsa(pair) => {
                // After the octet that says that it is uncompressed.
                let point = pair.public_key().as_ref().get(1..).unwrap_or_default();
                let (x, y) = point.split_at(point.len() / 2);
                let crv = if x.len() == 32 { "P-256" } else { "P-384" };
                json!({ "kty": "EC", "crv": crv, "x": encode(x), "y": encode(y) })
            }
            Self::Ed25519(pair) => {
                let x = encode(pair.public_key().as_ref());
                json!({ "kty": "OKP", "crv": "Ed25519", "x": x })
            }
        }
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
