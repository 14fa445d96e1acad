//! Proof Key for Code Exchange, method S256 only (RFC 7636).
//!
//! The digest is the caller's: in browsers it is the platform's.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::{Deserializer, Serializer};

use crate::{Entropy, Secret, secret::exposed};

/// The secret half of PKCE. Not `Clone`: it redeems one code.
#[derive(Debug, PartialEq, Eq)]
pub struct Verifier(Secret);

impl Verifier {
    /// Makes a verifier of 43 characters, the length RFC 7636 §4.1 suggests.
    pub fn new(entropy: Entropy) -> Self {
        Self(Secret::new(entropy.into_text()))
    }

    /// Writes the verifier in the clear.
    pub(crate) fn store<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        exposed::serialize(&self.0, serializer)
    }

    /// Reads what [`store`](Self::store) wrote.
    pub(crate) fn restore<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        exposed::deserialize(deserializer).map(Self)
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// The challenge that may travel in a URL, from the SHA-256 of the verifier:
/// `BASE64URL(SHA256(verifier))`, RFC 7636 §4.2.
pub fn challenge_of(digest: [u8; 32]) -> String {
    Base64UrlUnpadded::encode_string(&digest)
}

/// The challenge of `verifier`.
#[cfg(any(test, feature = "sha2"))]
pub fn challenge(verifier: &str) -> String {
    use sha2::{Digest, Sha256};

    challenge_of(Sha256::digest(verifier).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_match_the_published_vectors() {
        let vectors = [
            // RFC 7636 appendix B.
            (
                "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
                "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            ),
            // Amazon Cognito Developer Guide, "Using PKCE in authorization code".
            (
                "9D-aW_iygXrgQcWJd0y0tNVMPSXSChIc2xceDhvYVdGLCBk-JWFTmBNjvKSdOrjTTYazOFbUmrFERrjWx6oKtK2b6z_x4_gHBDlr4K1mRFGyE8yA-05-_v7Dxf3EIYJH",
                "Eh0mg-OZv7BAyo-tdv_vYamx1boOYDulDklyXoMDtLg",
            ),
        ];
        for (verifier, expected) in vectors {
            assert_eq!(challenge(verifier), expected);
        }
    }

    #[test]
    fn verifiers_are_long_enough_and_hidden() {
        let verifier = Verifier::new(Entropy([7; 32]));

        assert_eq!(verifier.expose().len(), 43);
        assert_eq!(format!("{verifier:?}"), "Verifier([redacted])");
    }
}
