//! The token endpoint: spending a code (RFC 6749 §4.1.3, §5) and spending a
//! refresh token (§6).

use super::{FormPost, Grant, Response, User, authorization::Redemption, failure::TokenError};
use crate::{
    Config, Secret, Timestamp,
    claims::{Claims, Expected, RawClaims},
    config::Bearer,
    form::Form,
    json::{self, Parse, Wrong},
};

/// What the answer to an exchange is checked against.
#[derive(Debug)]
pub struct Pending {
    nonce: Secret,
}

struct Success {
    access_token: Secret,
    id_token: Option<Secret>,
    refresh_token: Option<Secret>,
    expires_in: Option<u64>,
}

/// Builds the request that spends a code. A failed exchange burns the code, so
/// it is sent once.
pub fn exchange(redemption: Redemption, config: &Config) -> (FormPost, Pending) {
    let fields = Form::default()
        .with("grant_type", "authorization_code")
        .with("code", redemption.code.expose())
        .with("redirect_uri", config.redirect_uri())
        .with("code_verifier", redemption.verifier.expose());
    let pending = Pending {
        nonce: redemption.nonce,
    };
    (post(fields, config), pending)
}

/// Accepts the answer to [`exchange`], received at `now`.
pub fn accept(
    response: Response<'_>,
    pending: &Pending,
    config: &Config,
    now: Timestamp,
    parse: Parse,
) -> Result<Grant, TokenError> {
    let success = read(response, parse)?;
    let id_token = success.id_token.as_ref().ok_or(TokenError::Malformed)?;
    let claims = claims_from_endpoint(id_token, config, parse)?;
    if claims.nonce.as_deref() != Some(pending.nonce.expose()) {
        return Err(TokenError::Nonce);
    }
    Ok(Grant {
        received_at: now,
        expires_at: now.plus(lifetime(success.expires_in, Some(&claims))?),
        ends_at: config.session.max_age.map(|seconds| now.plus(seconds)),
        bearer: success.bearer(config)?,
        refresh: success.refresh_token,
        subject: claims.subject,
        user: User {
            name: claims.name,
            groups: claims.groups,
        },
    })
}

/// Builds the request that spends a refresh token.
pub fn refresh(refresh: &Secret, config: &Config) -> FormPost {
    let fields = Form::default()
        .with("grant_type", "refresh_token")
        .with("refresh_token", refresh.expose());
    post(fields, config)
}

/// Accepts the answer to [`refresh`], received at `now`: what succeeds `before`.
///
/// Providers differ, so: a refresh token in the answer replaces the earlier
/// one, and without one that goes on; without an ID token the user stays who
/// they were (OpenID Connect Core §12.2); an ID token has no nonce to check.
pub fn renew(
    response: Response<'_>,
    before: &Grant,
    config: &Config,
    now: Timestamp,
    parse: Parse,
) -> Result<Grant, TokenError> {
    let success = read(response, parse)?;
    let claims = match &success.id_token {
        Some(token) => Some(claims_from_endpoint(token, config, parse)?),
        None => None,
    };
    let expires_at = now.plus(lifetime(success.expires_in, claims.as_ref())?);
    let bearer = success.bearer(config)?;
    let user = match claims {
        Some(claims) if claims.subject != before.subject => return Err(TokenError::Subject),
        Some(claims) => User {
            name: claims.name,
            groups: claims.groups,
        },
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
    })
}

fn post(fields: Form, config: &Config) -> FormPost {
    let fields = fields.with("client_id", &config.provider.client_id);
    FormPost::new(config.provider.endpoints.token.clone(), &fields)
}

impl Success {
    /// The token that requests are to carry.
    fn bearer(&self, config: &Config) -> Result<Secret, TokenError> {
        match config.bearer {
            Bearer::Id => self.id_token.clone().ok_or(TokenError::NoIdToken),
            Bearer::Access => Ok(self.access_token.clone()),
        }
    }
}

fn read(response: Response<'_>, parse: Parse) -> Result<Success, TokenError> {
    match response.status {
        200 => read_success(response.body, parse).map_err(|_| TokenError::Malformed),
        status => Err(TokenError::of(
            status,
            read_failure(response.body, parse).ok(),
        )),
    }
}

fn read_success(body: &str, parse: Parse) -> Result<Success, Wrong> {
    let document = json::parse(body, parse)?;
    let answer = document.root()?;
    // RFC 6749 §5.1: the value is case insensitive.
    if !answer.text("token_type")?.eq_ignore_ascii_case("bearer") {
        return answer.wrong("token_type", "is not Bearer");
    }
    Ok(Success {
        access_token: Secret::new(answer.text("access_token")?),
        id_token: answer.maybe_text("id_token")?.map(Secret::new),
        refresh_token: answer.maybe_text("refresh_token")?.map(Secret::new),
        expires_in: answer.maybe_number("expires_in")?,
    })
}

/// The `error` of a refusal (RFC 6749 §5.2).
fn read_failure(body: &str, parse: Parse) -> Result<String, Wrong> {
    let document = json::parse(body, parse)?;
    document.root()?.text("error").map(ToOwned::to_owned)
}

/// The claims of an ID token that came straight from the token endpoint over
/// TLS, where OpenID Connect Core §3.1.3.7 (6) lets the TLS server validation
/// stand in for the signature. Whoever receives the token verifies that.
fn claims_from_endpoint(
    token: &Secret,
    config: &Config,
    parse: Parse,
) -> Result<Claims, TokenError> {
    let expected = Expected {
        bearer: Bearer::Id,
        ..Expected::of(config)
    };
    RawClaims::unverified(token.expose(), parse)
        .ok_or(TokenError::Malformed)?
        .check_skipping_time(expected)
        .map_err(TokenError::Claims)
}

/// Seconds until the grant ends: the smaller of `expires_in` and `exp − iat`,
/// so that a wrong clock on this machine neither shortens nor stretches it. A
/// token that ends as it is issued is none: it would be renewed without end.
fn lifetime(expires_in: Option<u64>, claims: Option<&Claims>) -> Result<u64, TokenError> {
    let stated = claims.and_then(|claims| Some(claims.expires_at.since(claims.issued_at?)));
    expires_in
        .into_iter()
        .chain(stated)
        .min()
        .filter(|seconds| *seconds > 0)
        .ok_or(TokenError::Malformed)
}

#[cfg(test)]
mod tests;
