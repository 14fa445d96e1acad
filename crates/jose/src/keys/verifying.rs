//! A key that verifies signatures.

use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents,
    UnparsedPublicKey, VerificationAlgorithm,
};
use shell_core::algorithm::Algorithm;

/// A key, and what it may be used for.
///
/// Verification is ring's: a tenth of the time that `jwt-compact`'s takes, and
/// it is linked anyway, for TLS.
pub(crate) struct VerifyingKey {
    /// The name that the issuer gave it.
    pub(super) kid: Option<String>,
    /// The one algorithm that it is for, if its issuer says so.
    pub(super) only: Option<Algorithm>,
    pub(super) numbers: Numbers,
}

/// What a key consists of.
pub(super) enum Numbers {
    /// Modulus and exponent, big-endian and without zeros before them.
    Rsa { n: Vec<u8>, e: Vec<u8> },
    /// A point of P-256, uncompressed.
    P256(Vec<u8>),
    /// A point of P-384, uncompressed.
    P384(Vec<u8>),
    /// A point of Ed25519.
    Ed25519(Vec<u8>),
}

impl VerifyingKey {
    /// Whether tokens of this algorithm may be this key's: by its kind, and by
    /// what its issuer says of it.
    pub(crate) fn permits(&self, algorithm: Algorithm) -> bool {
        self.numbers.permit(algorithm) && self.only.is_none_or(|only| only == algorithm)
    }

    /// Whether this key made the `signature` of `signed` by this algorithm, which
    /// it permits.
    pub(crate) fn verifies(&self, algorithm: Algorithm, signed: &[u8], signature: &[u8]) -> bool {
        self.permits(algorithm) && self.numbers.verify(algorithm, signed, signature)
    }
}

impl Numbers {
    pub(super) fn permit(&self, algorithm: Algorithm) -> bool {
        match algorithm {
            Algorithm::Es256 => matches!(self, Self::P256(_)),
            Algorithm::Es384 => matches!(self, Self::P384(_)),
            Algorithm::EdDsa => matches!(self, Self::Ed25519(_)),
            Algorithm::Rs256
            | Algorithm::Rs384
            | Algorithm::Rs512
            | Algorithm::Ps256
            | Algorithm::Ps384
            | Algorithm::Ps512 => matches!(self, Self::Rsa { .. }),
        }
    }

    fn verify(&self, algorithm: Algorithm, signed: &[u8], signature: &[u8]) -> bool {
        let (point, on_curve): (_, &'static dyn VerificationAlgorithm) = match self {
            Self::Rsa { n, e } => {
                let key = RsaPublicKeyComponents { n, e };
                let parameters = rsa(algorithm);
                return parameters.is_some_and(|it| key.verify(it, signed, signature).is_ok());
            }
            Self::P256(point) => (point, &ECDSA_P256_SHA256_FIXED),
            Self::P384(point) => (point, &ECDSA_P384_SHA384_FIXED),
            Self::Ed25519(point) => (point, &ED25519),
        };
        let key = UnparsedPublicKey::new(on_curve, point);
        key.verify(signed, signature).is_ok()
    }
}

fn rsa(algorithm: Algorithm) -> Option<&'static RsaParameters> {
    Some(match algorithm {
        Algorithm::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
        Algorithm::Rs384 => &RSA_PKCS1_2048_8192_SHA384,
        Algorithm::Rs512 => &RSA_PKCS1_2048_8192_SHA512,
        Algorithm::Ps256 => &RSA_PSS_2048_8192_SHA256,
        Algorithm::Ps384 => &RSA_PSS_2048_8192_SHA384,
        Algorithm::Ps512 => &RSA_PSS_2048_8192_SHA512,
        Algorithm::Es256 | Algorithm::Es384 | Algorithm::EdDsa => return None,
    })
}
