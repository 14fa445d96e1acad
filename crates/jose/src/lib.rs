//! Signatures: which keys an issuer has, and whether one of them signed a token.
//!
//! *In scope*: key sets (RFC 7517), verification (RFC 7515) of the nine signature
//! algorithms of [`Algorithm`](shell_core::algorithm::Algorithm), the rules of
//! caching keys and verified tokens, the choice among issuers, signing for tests
//! and the development provider, and the JSON parser that refuses a name given
//! twice. *Out of scope*: loading anything, and what the claims mean, which is
//! [`RawClaims::check`](shell_core::claims::RawClaims::check).
//!
//! ```
//! use shell_core::algorithm::Algorithms;
//! use shell_jose::{KeySet, SigningKey, jwks, verify};
//!
//! let key = SigningKey::generate("1234example=")?;
//! let token = key.sign(&serde_json::json!({
//!     "iss": "https://issuer.example", "sub": "u1", "exp": 2_000_000_000
//! }))?;
//!
//! let keys = KeySet::parse(&jwks([&key]).to_string())?;
//! let algorithms = Algorithms::all();
//! assert_eq!(verify(token.expose(), &keys, &algorithms)?.sub, "u1");
//! let refused = verify("not.a.token", &keys, &algorithms).unwrap_err();
//! assert_eq!(refused.to_string(), "not a signed token");
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
    keys::{IgnoredKey, KeyHint, KeySet, KeySetError, MOST_TRIES},
    signing::{SigningError, SigningKey, jwks},
    verified::{MOST_TOKEN_BYTES, MOST_TOKENS, Refused, Verified, VerifiedTokens},
    verify::{UnverifiedToken, VerifyError, verify},
};
