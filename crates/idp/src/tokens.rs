use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::Serialize;
use sha2::{Digest, Sha256};
use shell_core::{Secret, Timestamp};
use shell_jose::{SigningError, SigningKey};

use crate::{
    Fault, Machine, Provider,
    grant::Grant,
    settings::{User, fresh_id},
};

/// The signed tokens of one answer.
#[derive(Debug)]
pub(crate) struct Tokens {
    pub(crate) access: Secret,
    /// Only with the scope `openid`.
    pub(crate) id: Option<Secret>,
    pub(crate) expires_in: u64,
    pub(crate) ends: Timestamp,
}

/// Claims that both tokens have.
#[derive(Debug, Clone, Serialize)]
struct Common {
    sub: String,
    #[serde(rename = "cognito:groups", skip_serializing_if = "Vec::is_empty")]
    groups: Vec<String>,
    iss: String,
    origin_jti: String,
    event_id: String,
    auth_time: Timestamp,
    exp: Timestamp,
    iat: Timestamp,
}

#[derive(Serialize)]
struct IdClaims<'a> {
    #[serde(flatten)]
    common: Common,
    token_use: &'static str,
    aud: &'a str,
    jti: String,
    at_hash: String,
    #[serde(rename = "cognito:username")]
    username: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_verified: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
}

#[derive(Serialize)]
struct AccessClaims<'a> {
    #[serde(flatten)]
    common: Common,
    token_use: &'static str,
    client_id: &'a str,
    jti: String,
    scope: String,
    username: String,
    version: u8,
}

/// What a machine's token says: of no user, and so of no group.
#[derive(Serialize)]
struct MachineClaims<'a> {
    sub: &'a str,
    token_use: &'static str,
    scope: &'a str,
    auth_time: Timestamp,
    iss: String,
    exp: Timestamp,
    iat: Timestamp,
    version: u8,
    jti: String,
    client_id: &'a str,
}

/// Signs the tokens of `grant` for `user`, whose groups are those of now.
pub(crate) fn issue(
    provider: &Provider,
    grant: &Grant,
    user: &User,
    nonce: Option<&str>,
) -> Result<Tokens, SigningError> {
    let expires_in = lifetime(provider);
    let common = common(provider, grant, user, expires_in);
    let ends = common.exp;
    let access = access_token(provider, grant, common.clone())?;
    let id = if grant.has("openid") {
        let nonce = nonce.map(|nonce| told_nonce(provider, nonce));
        Some(id_token(provider, grant, user, common, &access, nonce)?)
    } else {
        None
    };
    Ok(Tokens {
        access,
        id,
        expires_in,
        ends,
    })
}

/// Signs an access token for `machine`, and returns it with its lifetime.
pub(crate) fn issue_to_machine(
    provider: &Provider,
    machine: &Machine,
    scope: &str,
) -> Result<(Secret, u64), SigningError> {
    let (now, lifetime) = (provider.now(), lifetime(provider));
    let claims = MachineClaims {
        sub: &machine.client_id,
        token_use: "access",
        scope,
        auth_time: now,
        iss: issuer(provider),
        exp: now.plus(lifetime),
        iat: now,
        version: 2,
        jti: fresh_id(),
        client_id: &machine.client_id,
    };
    let token = sign(provider, provider.keys().access(), &claims)?;
    Ok((token, lifetime))
}

fn common(provider: &Provider, grant: &Grant, user: &User, lifetime: u64) -> Common {
    let iat = provider.now();
    Common {
        sub: user.subject(),
        groups: user.groups.clone(),
        iss: issuer(provider),
        origin_jti: grant.origin_jti.clone(),
        event_id: fresh_id(),
        auth_time: grant.login.auth_time,
        exp: iat.plus(lifetime),
        iat,
    }
}

fn issuer(provider: &Provider) -> String {
    let issuer = provider.issuer();
    if provider.faults().has(Fault::WrongIssuer) {
        format!("{issuer}-other")
    } else {
        issuer
    }
}

fn access_token(
    provider: &Provider,
    grant: &Grant,
    common: Common,
) -> Result<Secret, SigningError> {
    let claims = AccessClaims {
        token_use: "access",
        client_id: &provider.settings().client_id,
        jti: fresh_id(),
        scope: grant.scopes.join(" "),
        username: common.sub.clone(),
        version: 2,
        common,
    };
    sign(provider, provider.keys().access(), &claims)
}

fn id_token(
    provider: &Provider,
    grant: &Grant,
    user: &User,
    common: Common,
    access: &Secret,
    nonce: Option<&str>,
) -> Result<Secret, SigningError> {
    let email = grant.reads_email().then_some(user.email.as_str());
    let claims = IdClaims {
        token_use: "id",
        aud: &provider.settings().client_id,
        jti: fresh_id(),
        at_hash: at_hash(access),
        username: common.sub.clone(),
        email,
        email_verified: email.map(|_| true),
        nonce,
        common,
    };
    sign(provider, provider.keys().id(), &claims)
}

fn sign(
    provider: &Provider,
    key: &SigningKey,
    claims: &impl Serialize,
) -> Result<Secret, SigningError> {
    if provider.faults().has(Fault::UnknownKey) {
        key.renamed("unknown+/key=").sign(claims)
    } else {
        key.sign(claims)
    }
}

/// The left half of the access token's digest (OpenID Connect Core §3.1.3.6).
fn at_hash(access: &Secret) -> String {
    let digest = Sha256::digest(access.expose());
    BASE64_URL_SAFE_NO_PAD.encode(&digest[..digest.len() / 2])
}

fn lifetime(provider: &Provider) -> u64 {
    let short = provider.faults().find(|fault| {
        if let Fault::Lifetime(seconds) = *fault {
            Some(seconds)
        } else {
            None
        }
    });
    short.unwrap_or(provider.settings().token_lifetime)
}

fn told_nonce<'a>(provider: &Provider, nonce: &'a str) -> &'a str {
    if provider.faults().has(Fault::WrongNonce) {
        "another-nonce"
    } else {
        nonce
    }
}
