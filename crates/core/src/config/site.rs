//! What users are offered: the toolbar, several MLflow servers, access for programs.

use serde::{Deserialize, Deserializer, Serialize, de::Error};

use super::SignIn;
use crate::{
    read,
    server_name::{is_name, is_server},
};

/// The bar above MLflow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bar {
    /// Shown; users may collapse it.
    #[default]
    Open,
    /// Collapsed until it is opened.
    Collapsed,
    /// Not there: the site that frames the shell shows what is needed of it.
    Off,
}

/// How programs reach MLflow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "access", rename_all = "lowercase", try_from = "GivenPython")]
pub enum Python {
    /// With a token that the gateway issues to a user who asks for one.
    Token {
        /// Seconds until it ends.
        lifetime: u64,
        /// How people sign in from a terminal, if they may.
        #[serde(skip_serializing_if = "Option::is_none")]
        sign_in: Option<SignIn>,
    },
    /// With AWS credentials, through API Gateway.
    SigV4 {
        /// The API's base URL, stage included.
        tracking_uri: String,
    },
}

/// The same as it is written: a struct costs the browser less than a tagged enum.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenPython {
    access: String,
    lifetime: Option<u64>,
    sign_in: Option<SignIn>,
    tracking_uri: Option<String>,
}

/// One of several MLflow servers behind this site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upstream {
    /// What it is called, on the screen and in addresses.
    #[serde(deserialize_with = "name")]
    pub name: String,
    /// Where the gateway finds it. Not for the public: the gateway reads it
    /// and leaves it out of the `config.json` it serves.
    #[serde(skip_serializing)]
    pub base: Option<String>,
    /// Whose members, of those whom the site admits, may use it; empty admits
    /// them all.
    #[serde(
        default,
        deserialize_with = "read::or_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub groups: Vec<String>,
}

/// A terminal's tokens are for the gateway; API Gateway asks for AWS credentials.
const NOT_WITH_SIGV4: &str = r#"`sign_in` needs `access` "token""#;

/// How long a token for programs lives, in seconds, unless said.
const LIFETIME: u64 = 60 * 60;

/// The longest it may live, in seconds: it keeps its user's groups of the time when it
/// was issued, and without a list of tokens it cannot be revoked.
const LONGEST_LIFETIME: u64 = 12 * 60 * 60;

impl TryFrom<GivenPython> for Python {
    type Error = String;

    fn try_from(given: GivenPython) -> Result<Self, String> {
        match given.access.as_str() {
            "token" => match given.lifetime.unwrap_or(LIFETIME) {
                lifetime @ 1..=LONGEST_LIFETIME => Ok(Self::Token {
                    lifetime,
                    sign_in: given.sign_in,
                }),
                _ => Err(format!("`lifetime` must be from 1 to {LONGEST_LIFETIME}")),
            },
            "sigv4" if given.sign_in.is_some() => Err(NOT_WITH_SIGV4.to_owned()),
            "sigv4" => {
                let tracking_uri = given.tracking_uri.ok_or("`tracking_uri` is missing")?;
                if !tracking_uri.starts_with("https://") {
                    return Err("`tracking_uri` must be an https URL".to_owned());
                }
                let tracking_uri = tracking_uri.trim_end_matches('/').to_owned();
                Ok(Self::SigV4 { tracking_uri })
            }
            _ => Err(r#"`access` must be "token" or "sigv4""#.to_owned()),
        }
    }
}

/// Reads the list; no two may have one name.
pub(super) fn upstreams<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<Upstream>, D::Error> {
    let upstreams: Vec<Upstream> = read::or_default(deserializer)?;
    for (place, Upstream { name, .. }) in upstreams.iter().enumerate() {
        if upstreams
            .iter()
            .take(place)
            .any(|other| other.name == *name)
        {
            let problem = format!("`[{place}].name` `{name}` is there twice");
            return Err(D::Error::custom(problem));
        }
    }
    Ok(upstreams)
}

fn name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    read::checked(deserializer, |name| {
        if !is_name(&name) {
            return Err("must be up to 32 of the letters a to z, digits and -".to_owned());
        }
        if !is_server(&name) {
            return Err(format!("is `{name}`, which is the shell's own"));
        }
        Ok(name)
    })
}
