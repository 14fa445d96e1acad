//! The token endpoint: spending a code (RFC 6749 §4.1.3, §5).

use std::fmt;

use super::{FormPost, Response, authorization::Redemption};
use crate::{
    Config, Route, Secret, Timestamp,
    claims::{Claims, ClaimsError, Expected, RawClaims},
    config::Bearer,
    form::Form,
    json::{self, Parse, Wrong},
};

/// Tokens as the shell keeps them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Sent as `Authorization: Bearer`.
    pub bearer: Secret,
    /// Buys the next grant; revoked at sign-out.
    pub refresh: Option<Secret>,
    /// Whose grant it is.
    pub user: User,
    /// When `bearer` ends, by this machine's clock.
    pub expires_at: Timestamp,
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// What to call the user.
    pub name: String,
    /// The user's groups.
    pub groups: Vec<String>,
}

/// What the answer to an exchange is checked against.
#[derive(Debug)]
pub struct Pending {
    nonce: Secret,
    /// Where the user was going.
    pub route: Route,
}

/// Why there is no grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenError {
    /// The provider refused, and will refuse again: the `error` it gave.
    Refused(String),
    /// The provider could not be reached, is overloaded or broken.
    Unreachable,
    /// The answer says success but is not a token response.
    Malformed,
    /// A token in it is not what was asked for.
    Claims(ClaimsError),
    /// The ID token belongs to another sign-in.
    Nonce,
}

struct Success {
    access_token: Secret,
    id_token: Secret,
    refresh_token: Option<Secret>,
    expires_in: Option<u64>,
}

/// Builds the request that spends a code. A failed exchange burns the code, so
/// it is sent once.
pub fn exchange(redemption: Redemption, config: &Config) -> (FormPost, Pending) {
    let fields = Form::default()
        .with("grant_type", "authorization_code")
        .with("client_id", &config.provider.client_id)
        .with("code", redemption.code.expose())
        .with("redirect_uri", config.redirect_uri())
        .with("code_verifier", redemption.verifier.expose());
    let request = FormPost::new(format!("{}/oauth2/token", config.provider.domain), &fields);
    let pending = Pending {
        nonce: redemption.nonce,
        route: redemption.route,
    };
    (request, pending)
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
    let claims = claims_from_endpoint(&success.id_token, config, parse)?;
    if claims.nonce.as_deref() != Some(pending.nonce.expose()) {
        return Err(TokenError::Nonce);
    }
    Ok(Grant {
        expires_at: now.plus(lifetime(success.expires_in, &claims)?),
        bearer: match config.bearer {
            Bearer::Id => success.id_token,
            Bearer::Access => success.access_token,
        },
        refresh: success.refresh_token,
        user: User {
            name: claims.name,
            groups: claims.groups,
        },
    })
}

fn read(response: Response<'_>, parse: Parse) -> Result<Success, TokenError> {
    match response.status {
        200 => read_success(response.body, parse).map_err(|_| TokenError::Malformed),
        // Throttling is no verdict, whatever the body says.
        429 | 500.. => Err(TokenError::Unreachable),
        _ => match read_failure(response.body, parse) {
            Ok(error) => Err(TokenError::Refused(error)),
            Err(_) => Err(TokenError::Unreachable),
        },
    }
}

fn read_success(body: &str, parse: Parse) -> Result<Success, Wrong> {
    let document = json::parse(body, parse)?;
    let answer = document.root()?;
    // RFC 6749 §5.1: the value is case insensitive.
    if !answer.text("token_type")?.eq_ignore_ascii_case("bearer") {
        return answer.wrong("token_type", "is not Bearer".to_owned());
    }
    Ok(Success {
        access_token: Secret::new(answer.text("access_token")?),
        id_token: Secret::new(answer.text("id_token")?),
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
        issuer: &config.provider.issuer,
        client_id: &config.provider.client_id,
        bearer: Bearer::Id,
    };
    RawClaims::unverified(token.expose(), parse)
        .ok_or(TokenError::Malformed)?
        .check_skipping_time(expected)
        .map_err(TokenError::Claims)
}

/// Seconds until the grant ends: the smaller of `expires_in` and `exp − iat`,
/// so that a wrong clock on this machine neither shortens nor stretches it.
fn lifetime(expires_in: Option<u64>, claims: &Claims) -> Result<u64, TokenError> {
    let stated = claims
        .issued_at
        .map(|issued_at| claims.expires_at.since(issued_at));
    expires_in
        .into_iter()
        .chain(stated)
        .min()
        .ok_or(TokenError::Malformed)
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(error) => write!(f, "the provider refused: {error}"),
            Self::Unreachable => f.write_str("the provider could not be reached"),
            Self::Malformed => f.write_str("the provider's answer is not a token response"),
            Self::Claims(error) => write!(f, "{error}"),
            Self::Nonce => f.write_str("the ID token belongs to another sign-in"),
        }
    }
}

impl std::error::Error for TokenError {}

#[cfg(test)]
mod tests;
