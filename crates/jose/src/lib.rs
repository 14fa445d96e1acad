//! Signatures: which keys an issuer has, and whether one of them signed a token.
//!
//! *In scope*: key sets (RFC 7517), RS256 verification (RFC 7515), the rules of
//! caching keys and verified tokens, the choice among issuers, signing for tests
//! and the development provider, and the JSON parser that refuses a name given
//! twice. *Out of scope*: loading anything, and what the claims mean, which is
//! [`RawClaims::check`](shell_core::claims::RawClaims::check).
//!
//! ```
//! use shell_jose::{KeySet, SigningKey, VerifyError, jwks, verify};
//!
//! let key = SigningKey::generate("1234example=")?;
//! let token = key.sign(&serde_json::json!({
//!     "iss": "https://issuer.example", "sub": "u1", "exp": 2_000_000_000
//! }))?;
//!
//! let keys = KeySet::parse(&jwks([&key]).to_string())?;
//! assert_eq!(verify(token.expose(), &keys)?.sub, "u1");
//! assert_eq!(verify("not.a.token", &keys).unwrap_err(), VerifyError::Malformed);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cache;
mod issuers;
mod keys;
mod signing;
mod verified;
mod verify;

pub use self::{
    cache::{KeyCache, Lookup, MAX_AGE, RELOAD_PENALTY},
    issuers::{Accepted, Issuer, choose},
    keys::{KeySet, KeySetError},
    signing::{SigningError, SigningKey, jwks},
    verified::{MOST_TOKEN_BYTES, MOST_TOKENS, Refused, Verified, VerifiedTokens},
    verify::{MAX_TOKEN_LENGTH, VerifyError, key_id, unverified_issuer, verify},
};
