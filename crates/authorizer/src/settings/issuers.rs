//! The configured issuers, and the URLs of their keys.

use std::ffi::OsString;

use http::Uri;
use shell_core::Origin;

use super::{SettingsError, Variables, differ, wrong};

/// An issuer whose tokens are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// The `iss` of the tokens.
    pub name: String,
    /// Where the keys are, if not at `{ISSUER}/.well-known/jwks.json`.
    pub jwks_url: Uri,
}

/// Reads `ISSUER`, or makes the two forms in which Cognito writes its issuer
/// from the names that the AWS sample has for them.
pub(super) fn read<V: Fn(&str) -> Option<OsString>>(
    variables: &Variables<V>,
) -> Result<Vec<Issuer>, SettingsError> {
    let keys = variables.either("JWKS_URL", "COGNITO_KEYS_URL")?;
    let named = variables.words("ISSUER")?;
    let of_pool = user_pool(variables)?;
    match (named, of_pool) {
        (Some(named), Some(of_pool)) if !named.iter().all(|name| of_pool.contains(name)) => {
            Err(differ("ISSUER", "COGNITO_USER_POOL_ID"))
        }
        (Some(named), _) => {
            if keys.as_ref().is_some_and(|keys| keys.len() != named.len()) {
                return Err(wrong("JWKS_URL", "must have a URL for each `ISSUER`"));
            }
            with_keys("ISSUER", named, keys.unwrap_or_default())
        }
        (None, Some(of_pool)) => {
            let keys = keys.unwrap_or_default();
            // The sample knows one URL, that of the original form.
            if keys.len() > of_pool.len() {
                return Err(wrong("JWKS_URL", "has more than two URLs"));
            }
            with_keys("COGNITO_USER_POOL_ID", of_pool.into(), keys)
        }
        (None, None) => Err(wrong("ISSUER", "is not set")),
    }
}

/// The issuers of a user pool: the original form, and the one that Cognito
/// recommends since 2026.
fn user_pool<V: Fn(&str) -> Option<OsString>>(
    variables: &Variables<V>,
) -> Result<Option<[String; 2]>, SettingsError> {
    let Some(pool) = variables.maybe("COGNITO_USER_POOL_ID")? else {
        return Ok(None);
    };
    let is_word = |text: &str, others: &[u8]| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || others.contains(&byte))
    };
    let region = match pool.split_once('_') {
        Some((region, name)) if is_word(region, b"-") && is_word(name, b"") => region,
        _ => return Err(wrong("COGNITO_USER_POOL_ID", "must be REGION_NAME")),
    };
    if variables
        .maybe("REGION")?
        .is_some_and(|text| text != region)
    {
        return Err(differ("REGION", "COGNITO_USER_POOL_ID"));
    }
    let suffix = if region.starts_with("cn-") {
        "amazonaws.com.cn"
    } else {
        "amazonaws.com"
    };
    let issuer = |host: &str| format!("https://{host}.{region}.{suffix}/{pool}");
    Ok(Some(["cognito-idp", "issuer-cognito-idp"].map(issuer)))
}

fn with_keys(
    variable: &'static str,
    names: Vec<String>,
    keys: Vec<String>,
) -> Result<Vec<Issuer>, SettingsError> {
    let keys = keys.into_iter().map(Some).chain(std::iter::repeat(None));
    let issuer = |(name, keys): (String, Option<String>)| {
        if name.contains(['?', '#']) {
            return Err(wrong(variable, "must not have a query or a fragment"));
        }
        url(variable, &name)?;
        let jwks_url = match keys {
            Some(text) => url("JWKS_URL", &text)?,
            None => url(variable, &default_jwks_url(&name))?,
        };
        Ok(Issuer { name, jwks_url })
    };
    names.into_iter().zip(keys).map(issuer).collect()
}

fn default_jwks_url(issuer: &str) -> String {
    format!("{}/.well-known/jwks.json", issuer.trim_end_matches('/'))
}

/// An `https` URL, or an `http` URL of this machine.
fn url(name: &'static str, text: &str) -> Result<Uri, SettingsError> {
    let uri: Uri = text.parse().map_err(|_| wrong(name, "is not a URL"))?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err(wrong(name, "is not an absolute URL"));
    };
    match Origin::parse(&format!("{scheme}://{authority}")) {
        Ok(_) => Ok(uri),
        Err(error) => Err(wrong(name, &error)),
    }
}
