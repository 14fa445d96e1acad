//! Which kind of token it is, by its own words.

use super::RawClaims;
use crate::config::Bearer;

/// What an explicit type ends with (RFC 8725 §3.11).
const EXPLICIT: &str = "+jwt";

/// The type of an access token (RFC 9068 §2.1).
const ACCESS: &str = "at+jwt";

impl RawClaims {
    /// Whether it may be this kind of token, by its `typ` and its `events`.
    ///
    /// A sign-out notice (OpenID Connect Back-Channel Logout 1.0 §2.4) has the
    /// issuer, the audience and the subject of an ID token, and `events`.
    pub(super) fn may_be(&self, kind: Bearer) -> bool {
        let typ = self.typ.as_deref().unwrap_or_default();
        let typ = typ.split(';').next().unwrap_or_default().trim();
        let typ = typ.to_ascii_lowercase();
        let typ = typ.strip_prefix("application/").unwrap_or(&typ);
        let is_of_kind = match kind {
            Bearer::Access => typ == ACCESS || !typ.ends_with(EXPLICIT),
            Bearer::Id => !typ.ends_with(EXPLICIT),
        };
        is_of_kind && !self.all.contains_key("events")
    }
}
