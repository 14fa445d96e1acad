//! What users are offered: the bar, several MLflow servers, ways for programs.

use serde::Serialize;

use crate::{
    intercept::is_server,
    json::{Object, Wrong},
};

/// The bar above MLflow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Bar {
    /// Shown; users may collapse it.
    #[default]
    Open,
    /// Collapsed until it is opened.
    Collapsed,
    /// Not there. Whoever frames the shell shows what is needed of it.
    Off,
}

/// How programs reach MLflow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "access", rename_all = "lowercase")]
pub enum Python {
    /// With a token that the gateway issues to a user who asks for one.
    Token {
        /// Seconds until it ends.
        lifetime: u64,
    },
    /// With AWS credentials, through API Gateway.
    SigV4 {
        /// The API's base URL, stage included.
        tracking_uri: String,
    },
}

/// One of several MLflow servers behind this site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Upstream {
    /// What it is called, on the screen and in addresses.
    pub name: String,
    /// Where the gateway finds it. Not for the public: the gateway reads it
    /// and leaves it out of the `config.json` it serves.
    #[serde(skip_serializing)]
    pub base: Option<String>,
    /// Whose members, of those whom the site admits, may use it; empty admits
    /// them all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
}

/// How long a token for programs lives, in seconds, unless said.
const LIFETIME: u64 = 60 * 60;

/// The longest it may live, in seconds: it cannot be taken back.
const LONGEST_LIFETIME: u64 = 12 * 60 * 60;

/// The longest name of an upstream, in bytes.
const LONGEST_NAME: usize = 32;

impl Bar {
    pub(super) fn read(root: Object<'_>) -> Result<Self, Wrong> {
        match root.maybe_text("bar")? {
            None => Ok(Self::default()),
            Some(text) => match Self::of(text) {
                Some(bar) => Ok(bar),
                None => root.wrong("bar", r#"must be "open", "collapsed" or "off""#),
            },
        }
    }

    /// The bar of this name.
    pub(crate) fn of(text: &str) -> Option<Self> {
        match text {
            "open" => Some(Self::Open),
            "collapsed" => Some(Self::Collapsed),
            "off" => Some(Self::Off),
            _ => None,
        }
    }

    /// Its name.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Collapsed => "collapsed",
            Self::Off => "off",
        }
    }
}

impl Python {
    pub(super) fn read(root: Object<'_>) -> Result<Option<Self>, Wrong> {
        let Some(python) = root.maybe_object("python", "python.")? else {
            return Ok(None);
        };
        python.only(&["access", "lifetime", "tracking_uri"])?;
        match python.text("access")? {
            "token" => {
                let lifetime = python.maybe_number("lifetime")?.unwrap_or(LIFETIME);
                if lifetime == 0 || lifetime > LONGEST_LIFETIME {
                    return python.wrong("lifetime", "must be from 1 to 43200");
                }
                Ok(Some(Self::Token { lifetime }))
            }
            "sigv4" => {
                let tracking_uri = python.text("tracking_uri")?;
                if !tracking_uri.starts_with("https://") {
                    return python.wrong("tracking_uri", "must be an https URL");
                }
                let tracking_uri = tracking_uri.trim_end_matches('/').to_owned();
                Ok(Some(Self::SigV4 { tracking_uri }))
            }
            _ => python.wrong("access", r#"must be "token" or "sigv4""#),
        }
    }
}

/// Reads the list; no two may have one name.
pub(super) fn read_upstreams(root: Object<'_>) -> Result<Vec<Upstream>, Wrong> {
    let mut upstreams: Vec<Upstream> = Vec::new();
    for object in root.objects("upstreams", "upstreams.")? {
        let upstream = Upstream::read(object)?;
        if upstreams.iter().any(|other| other.name == upstream.name) {
            return object.wrong("name", &["`", &upstream.name, "` is there twice"].concat());
        }
        upstreams.push(upstream);
    }
    Ok(upstreams)
}

impl Upstream {
    fn read(object: Object<'_>) -> Result<Self, Wrong> {
        object.only(&["name", "base", "groups"])?;
        let name = object.text("name")?;
        if !is_name(name) {
            let problem = "must be up to 32 of the letters a to z, digits and -";
            return object.wrong("name", problem);
        }
        if !is_server(name) {
            return object.wrong("name", &["`", name, "` is the shell's own"].concat());
        }
        Ok(Self {
            name: name.to_owned(),
            base: object.maybe_text("base")?.map(ToOwned::to_owned),
            groups: object.maybe_texts("groups")?.unwrap_or_default(),
        })
    }
}

/// Whether a name looks the same in an address as on the screen.
pub(crate) fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.len() <= LONGEST_NAME && text.bytes().all(plain)
}
