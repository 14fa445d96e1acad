//! The token endpoint: spending a code (RFC 6749 §4.1.3, §5) and spending a
//! refresh token (§6).

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{FormPost, Grant, Response, User, authorization::Redemption, failure::TokenError};
use crate::{
    Config, Secret, Timestamp, bounds,
    claims::{Claims, Expected, RawClaims},
    config::Bearer,
    json, read, secret,
};

/// What the answer to an exchange is checked against.
#[derive(Debug)]
pub struct Pending {
    nonce: Secret,
}

/// RFC 6749 §5.1. A provider may say more.
#[derive(Deserialize)]
pub(super) struct Success {
    token_type: String,
    /// A gateway that makes the token requests leaves it out where the ID token is
    /// sent.
    #[serde(default, with = "secret::exposed_option")]
    pub(super) access_token: Option<Secret>,
    #[serde(default, with = "secret::exposed_option")]
    id_token: Option<Secret>,
    #[serde(default, with = "secret::exposed_option")]
    refresh_token: Option<Secret>,
    #[serde(default, deserialize_with = "seconds")]
    pub(super) expires_in: Option<u64>,
}

/// RFC 6749 §5.2.
#[derive(Deserialize)]
struct Refusal {
    error: String,
}

/// Builds the request that spends a code. A failed exchange burns the code, so
/// it is sent once.
pub fn exchange(redemption: Redemption, config: &Config) -> (FormPost, Pending) {
    exchange_returned_to(&config.redirect_uri(), redemption, config)
}

/// The same for a code that came to another `redirect_uri`.
pub fn exchange_returned_to(
    redirect_uri: &str,
    redemption: Redemption,
    config: &Config,
) -> (FormPost, Pending) {
    let request = post(
        config,
        &[
            ("grant_type", "authorization_code"),
            ("code", redemption.code.expose()),
            ("redirect_uri", redirect_uri),
            ("code_verifier", redemption.verifier.expose()),
            ("client_id", &config.provider.client_id),
        ],
    );
    let pending = Pending {
        nonce: redemption.nonce,
    };
    (request, pending)
}

/// Accepts the answer to [`exchange`], received at `now`.
pub fn accept(
    response: Response<'_>,
    pending: &Pending,
    config: &Config,
    now: Timestamp,
) -> Result<Grant, TokenError> {
    let (success, claims) = read_first(response, config)?;
    if claims.nonce.as_deref() != Some(pending.nonce.expose()) {
        return Err(TokenError::Nonce);
    }
    first_grant(success, claims, config, now)
}

/// Reads the answer that begins a session, and the claims of its ID token.
pub(super) fn read_first(
    response: Response<'_>,
    config: &Config,
) -> Result<(Success, Claims), TokenError> {
    let success = read(response)?;
    let id_token = success.id_token.as_ref();
    let id_token = id_token.ok_or(TokenError::MissingIdToken)?;
    let claims = claims_from_endpoint(id_token, config)?;
    Ok((success, claims))
}

/// The grant that begins a session.
pub(super) fn first_grant(
    success: Success,
    claims: Claims,
    config: &Config,
    now: Timestamp,
) -> Result<Grant, TokenError> {
    Ok(Grant {
        received_at: now,
        expires_at: now.plus(lifetime(success.expires_in, Some(&claims), now)?),
        ends_at: config.session.max_age.map(|seconds| now.plus(seconds)),
        bearer: success.bearer(config)?.ok_or(TokenError::Malformed)?,
        refresh: success.refresh_token,
        subject: claims.subject.clone(),
        user: User::of(claims),
        is_last: false,
    })
}

/// Builds the request that spends a refresh token.
pub fn refresh(refresh: &Secret, config: &Config) -> FormPost {
    post(
        config,
        &[
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh.expose()),
            ("client_id", &config.provider.client_id),
        ],
    )
}

/// Accepts the answer to [`refresh`], received at `now`: what succeeds `before`.
///
/// Providers differ, so: a refresh token in the answer replaces the earlier
/// one, and without one that goes on; without an ID token the user stays who
/// they were (OpenID Connect Core §12.2), and if that is what requests carry, the
/// earlier one is the last; an ID token has no nonce to check.
pub fn renew(
    response: Response<'_>,
    before: &Grant,
    config: &Config,
    now: Timestamp,
) -> Result<Grant, TokenError> {
    let success = read(response)?;
    let claims = match &success.id_token {
        Some(token) => Some(claims_from_endpoint(token, config)?),
        None => None,
    };
    let bearer = match (success.bearer(config)?, config.bearer) {
        (Some(bearer), _) => bearer,
        (None, Bearer::Id) => return last_of(before, success.refresh_token, config),
        // RFC 6749 §5.1 requires it.
        (None, Bearer::Access) => return Err(TokenError::Malformed),
    };
    let expires_at = now.plus(lifetime(success.expires_in, claims.as_ref(), now)?);
    let user = match claims {
        Some(claims) if claims.subject != before.subject => return Err(TokenError::Subject),
        Some(claims) => User::of(claims),
        None => before.user.clone(),
    };
    Ok(Grant {
        bearer,
        refresh: success.refresh_token.or_else(|| before.refresh.clone()),
        subject: before.subject.clone(),
        user,
        received_at: now,
        expires_at,
        ends_at: before.ends_at,
        is_last: false,
    })
}

/// The grant whose ID token is not renewed. It serves until its own `exp`:
/// `expires_in`, which may have ended it earlier, is said of the access token.
fn last_of(before: &Grant, refresh: Option<Secret>, config: &Config) -> Result<Grant, TokenError> {
    let claims = claims_from_endpoint(&before.bearer, config)?;
    Ok(Grant {
        refresh: refresh.or_else(|| before.refresh.clone()),
        expires_at: before
            .received_at
            .plus(lifetime(None, Some(&claims), before.received_at)?),
        is_last: true,
        ..before.clone()
    })
}

pub(super) fn post(config: &Config, fields: &[(&str, &str)]) -> FormPost {
    FormPost::new(&config.provider.endpoints.token, fields)
}

impl Success {
    /// The token that requests are to carry, if it is there.
    fn bearer(&self, config: &Config) -> Result<Option<Secret>, TokenError> {
        let bearer = match config.bearer {
            Bearer::Id => &self.id_token,
            Bearer::Access => &self.access_token,
        };
        if let Some(bearer) = bearer {
            bounds::check_token(bearer.expose()).map_err(TokenError::TooLong)?;
        }
        Ok(bearer.clone())
    }
}

/// Seconds, which some providers write as a text or with a fraction. What is no
/// number of seconds is as if it were not there: it is only recommended to be.
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    // As JSON: Rust's own parser of numbers would cost the browser 10 KB.
    let value = match value.as_str() {
        Some(text) => json::parse(text.trim()).unwrap_or_default(),
        None => value,
    };
    let number = value.as_f64();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast of a float stops at the greatest and at zero"
    )]
    Ok(number.map(|seconds| seconds as u64))
}

pub(super) fn read(response: Response<'_>) -> Result<Success, TokenError> {
    let Response { status, body } = response;
    if status != 200 {
        return Err(refusal(response));
    }
    // RFC 6749 §5.1: the value is case insensitive.
    let is_bearer = |success: &Success| success.token_type.eq_ignore_ascii_case("bearer");
    read::text(body)
        .filter(is_bearer)
        .ok_or(TokenError::Malformed)
}

/// What an answer that is no success means.
pub(super) fn refusal(Response { status, body }: Response<'_>) -> TokenError {
    let refusal: Option<Refusal> = read::text(body);
    TokenError::of(status, refusal.map(|refusal| refusal.error))
}

/// Whose ID token it is that came straight from the token endpoint: `sub`.
pub(super) fn subject(token: &Secret, config: &Config) -> Result<String, TokenError> {
    claims_from_endpoint(token, config).map(|claims| claims.subject)
}

/// The claims of an ID token that came straight from the token endpoint over
/// TLS, where OpenID Connect Core §3.1.3.7 (6) lets the TLS server validation
/// stand in for the signature. The server that receives the token verifies it.
fn claims_from_endpoint(token: &Secret, config: &Config) -> Result<Claims, TokenError> {
    let expected = Expected {
        bearer: Bearer::Id,
        ..Expected::of(config)
    };
    RawClaims::unverified(token.expose(), &config.provider.algorithms)
        .map_err(TokenError::UnreadableToken)?
        .check_skipping_time(expected)
        .map_err(TokenError::Claims)
}

/// Seconds until the grant ends: the smaller of `expires_in` and `exp − iat`,
/// so that a wrong clock on this machine neither shortens nor stretches it. An
/// answer without either leaves `exp`, by this machine's clock. A token that ends
/// as it is issued is none: it would be renewed without end.
fn lifetime(
    expires_in: Option<u64>,
    claims: Option<&Claims>,
    now: Timestamp,
) -> Result<u64, TokenError> {
    let stated = claims.and_then(|claims| match (claims.issued_at, expires_in) {
        (Some(issued), _) => Some(claims.expires_at.since(issued)),
        (None, Some(_)) => None,
        (None, None) => Some(claims.expires_at.since(now)),
    });
    expires_in
        .into_iter()
        .chain(stated)
        .min()
        .filter(|seconds| *seconds > 0)
        .ok_or(TokenError::Malformed)
}

#[cfg(test)]
mod tests;
