//! Who signs people in.

use serde::{Deserialize, Deserializer, Serialize};

use super::{
    Endpoints, Groups, NameClaims, read_url,
    tokens::{clock_leeway, is_usual_leeway, usual_leeway},
};
use crate::{Origin, algorithm::Algorithms, read};

/// The identity provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// The hosted login's origin.
    pub domain: Origin,
    /// The `iss` of its tokens. Cognito's differs from the login's host and
    /// has two forms, so it is never computed.
    #[serde(deserialize_with = "issuer")]
    pub issuer: String,
    /// The app client. The browser has no secret for it; a gateway may have one
    /// (`client.secret_file`).
    #[serde(deserialize_with = "client_id")]
    pub client_id: String,
    /// Requested scopes; `openid` must be among them.
    #[serde(default = "usual_scopes", deserialize_with = "scopes")]
    pub scopes: Vec<String>,
    /// Where it answers. Without it: on Cognito's paths below `domain`, or, where a
    /// gateway reads `config.json`, as the issuer's discovery document says.
    #[serde(default)]
    pub endpoints: Endpoints,
    /// Where its tokens name a user's groups.
    #[serde(
        default,
        deserialize_with = "read::or_default",
        skip_serializing_if = "Groups::are_usual"
    )]
    pub groups: Groups,
    /// Whether the gateway makes the token requests and keeps the refresh token, in
    /// a sealed cookie: a token-mediating backend (draft-ietf-oauth-browser-based-apps).
    #[serde(
        default,
        deserialize_with = "read::or_default",
        skip_serializing_if = "std::ops::Not::not"
    )]
    pub via_gateway: bool,
    /// Whether sign-out posts the ID token to the provider (`id_token_hint`, OpenID
    /// Connect RP-Initiated Logout 1.0 §2), in a form: in a URL it would be in
    /// histories and logs. Some providers end no session without it. Only where requests
    /// carry that token, so that there is one.
    #[serde(
        default,
        deserialize_with = "read::or_default",
        skip_serializing_if = "std::ops::Not::not"
    )]
    pub post_id_token_at_logout: bool,
    /// What its tokens may be signed with.
    #[serde(
        default,
        deserialize_with = "read::or_default",
        skip_serializing_if = "Algorithms::are_usual"
    )]
    pub algorithms: Algorithms,
    /// How far this site's clocks may run beside the provider's, in seconds, up to
    /// [`MOST_CLOCK_LEEWAY`](super::MOST_CLOCK_LEEWAY).
    #[serde(
        default = "usual_leeway",
        deserialize_with = "clock_leeway",
        skip_serializing_if = "is_usual_leeway"
    )]
    pub clock_leeway: u64,
    /// Which of a token's claims is the name that people see.
    #[serde(
        default,
        deserialize_with = "read::or_default",
        skip_serializing_if = "NameClaims::are_usual"
    )]
    pub name_claims: NameClaims,
}

/// Its keys are below it, or where it says, so it is a URL.
fn issuer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    read::checked(deserializer, |issuer| {
        read_url(&issuer).map(drop).and(Ok(issuer))
    })
}

fn client_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    read::checked(deserializer, |id| {
        Some(id)
            .filter(|id| !id.trim().is_empty())
            .ok_or("is empty")
    })
}

fn scopes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let scopes = Option::deserialize(deserializer)?.unwrap_or_else(usual_scopes);
    if scopes.iter().any(|scope| scope == "openid") {
        return Ok(scopes);
    }
    Err(serde::de::Error::custom("must have `openid` among them"))
}

fn usual_scopes() -> Vec<String> {
    ["openid", "email", "profile"].map(String::from).to_vec()
}
