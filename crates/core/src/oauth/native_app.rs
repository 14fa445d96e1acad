//! Signing in from a terminal (OAuth 2.0 for Native Apps, RFC 8252), and what
//! becomes of such a session.
//!
//! ```text
//!  config.json ─▶ NativeApp ─▶ authorization, device_authorization ─▶ Grant
//!                                                                      │
//!  Serve ◀─┐                                                           ▼
//!  Renew ◀─┼── NativeSession::next ◀── stored ◀────────────── NativeSession
//!  Over  ◀─┘
//! ```

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Grant, Response, failure::TokenError, token};
use crate::{
    Config, Secret, Timestamp,
    config::{Endpoints, Python},
    read,
};

/// Where the hosted login returns to unless the configuration says.
const REDIRECT_URI: &str = "http://127.0.0.1/callback";

/// The part of its life in which a token is renewed ahead.
const LAST_PART: u64 = 4;

/// A token that serves is good for at least so many seconds.
const LEAST_LEFT: u64 = 10;

/// The client of a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NativeApp {
    /// The site's configuration, with the terminal's own client.
    pub config: Config,
    /// Where the hosted login returns to on this machine.
    pub redirect: LoopbackRedirect,
    /// Whether the provider's endpoints are still to be discovered: the site's
    /// configuration has the gateway's own, which answers pages only.
    pub needs_discovery: bool,
}

/// A redirect URI of this machine (RFC 8252 §7.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoopbackRedirect {
    /// `127.0.0.1`, `localhost` or `[::1]`.
    pub host: String,
    /// The port; any free one if it names none.
    pub port: Option<u16>,
    /// The path.
    pub path: String,
}

/// Why there is no sign-in from a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotOffered {
    /// The site serves programs nothing.
    NoPrograms,
    /// Programs sign with AWS credentials, and this is the API.
    SigV4(String),
    /// The site's configuration does not allow it.
    Off,
    /// The pages' client is asked for through the gateway, so that a terminal needs
    /// its own.
    Proxied,
    /// Its configuration is wrong: why.
    Wrong(&'static str),
}

/// A terminal's session, as it is stored: it holds tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NativeSession {
    /// The configuration that it was begun with.
    pub config: Config,
    /// Its tokens.
    pub grant: Grant,
    /// Whether the provider renews the token that requests carry no further.
    #[serde(default)]
    pub is_last: bool,
}

/// What becomes of a session whose token is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Its token serves.
    Serve,
    /// It is renewed first.
    Renew,
    /// It is over.
    Over,
}

impl NativeApp {
    /// The client that a terminal is at the site of `config`.
    ///
    /// # Errors
    /// If the site offers no sign-in to terminals.
    pub fn of(config: &Config) -> Result<Self, NotOffered> {
        let sign_in = match (&config.python, config.terminal_sign_in()) {
            (_, Some(sign_in)) => sign_in,
            (Some(Python::Token { .. }), None) => return Err(NotOffered::Off),
            (Some(Python::SigV4 { tracking_uri }), None) if is_plain(tracking_uri) => {
                return Err(NotOffered::SigV4(tracking_uri.clone()));
            }
            (Some(Python::SigV4 { .. }), None) => {
                return Err(NotOffered::Wrong("`python.tracking_uri` is no plain URL"));
            }
            (None, None) => return Err(NotOffered::NoPrograms),
        };
        config.check_sign_in().map_err(NotOffered::Wrong)?;
        let needs_discovery = config.asks_gateway();
        let redirect = sign_in.redirect_uri.as_deref().unwrap_or(REDIRECT_URI);
        let mut config = config.clone();
        match &sign_in.client_id {
            Some(client_id) => config.provider.client_id.clone_from(client_id),
            None if needs_discovery => return Err(NotOffered::Proxied),
            None => {}
        }
        Ok(Self {
            redirect: LoopbackRedirect::of(redirect),
            config,
            needs_discovery,
        })
    }

    /// The same at these endpoints of the provider.
    pub fn discovered(&mut self, endpoints: Endpoints) {
        self.config.provider.endpoints = endpoints;
        self.needs_discovery = false;
    }
}

/// Whether a URL may be shown for a shell: it is copied to one.
fn is_plain(url: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b":/._-~@%".contains(&byte);
    url.starts_with("https://") && url.bytes().all(is_plain)
}

impl LoopbackRedirect {
    /// Takes a URL apart that a validated configuration has.
    fn of(url: &str) -> Self {
        let (_, rest) = url.split_once("://").unwrap_or(("", url));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let named = authority.rsplit_once(':');
        let named = named.and_then(|(host, port)| Some((host, port.parse().ok()?)));
        let (host, port) = named.map_or((authority, None), |(host, port)| (host, Some(port)));
        Self {
            host: host.to_owned(),
            port,
            path: format!("/{path}"),
        }
    }

    /// The URL with the port that is listened on.
    pub fn url(&self, port: u16) -> String {
        let Self { host, path, .. } = self;
        format!("http://{host}:{port}{path}")
    }
}

impl NativeSession {
    /// A session that begins with `grant`.
    pub fn new(config: Config, grant: Grant) -> Self {
        Self {
            config,
            is_last: grant.is_last,
            grant,
        }
    }

    /// Writes the session. The text holds its tokens: seal it.
    pub fn write(&self) -> Secret {
        Secret::new(serde_json::to_string(self).unwrap_or_default())
    }

    /// Reads what [`write`](Self::write) wrote; `None` if it is something else.
    pub fn read(text: &str) -> Option<Self> {
        read::text(text)
    }

    /// What becomes of it at `now`. A server has answered 401 to its token if that
    /// `is_rejected`.
    ///
    /// A token serves while more than a quarter of its life is left, and at least
    /// ten seconds. One that cannot be renewed serves to its end.
    pub fn next(&self, is_rejected: bool, now: Timestamp) -> Next {
        let grant = &self.grant;
        let is_ample = is_ample(grant.received_at, grant.expires_at, now);
        let serves = self.serves(is_rejected, now);
        if grant.ends_at.is_some_and(|end| now >= end) {
            Next::Over
        } else if serves && is_ample {
            Next::Serve
        } else if grant.refresh.is_some() && !self.is_last {
            Next::Renew
        } else if serves {
            Next::Serve
        } else {
            Next::Over
        }
    }

    /// Whether its token may be sent at `now`, even if it is to be renewed and cannot
    /// be.
    pub fn serves(&self, is_rejected: bool, now: Timestamp) -> bool {
        !is_rejected && self.grant.is_fresh(now)
    }

    /// Accepts the answer to [`token::refresh`], received at `now`: what succeeds it.
    ///
    /// # Errors
    /// If it is none.
    pub fn renewed(&self, response: Response<'_>, now: Timestamp) -> Result<Self, TokenError> {
        let grant = token::renew(response, &self.grant, &self.config, now)?;
        Ok(Self::new(self.config.clone(), grant))
    }
}

/// Whether more than a quarter of a token's life is left, and at least ten seconds.
pub(super) fn is_ample(received_at: Timestamp, expires_at: Timestamp, now: Timestamp) -> bool {
    let left = expires_at.since(now);
    left.saturating_mul(LAST_PART) > expires_at.since(received_at) && left >= LEAST_LEFT
}

impl fmt::Display for NotOffered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoPrograms => {
                "serves MLflow to browsers only: its administrator has to set `python.access` to \
                 \"token\" and add `python.sign_in` in config.json"
            }
            Self::SigV4(uri) => {
                return write!(
                    f,
                    "takes AWS credentials from programs, without a sign-in: set \
                     MLFLOW_TRACKING_URI={uri} and MLFLOW_TRACKING_AWS_SIGV4=true"
                );
            }
            Self::Wrong(why) => return write!(f, "has a configuration in which {why}"),
            Self::Off => {
                "does not offer the sign-in from a terminal: its administrator has to add \
                 `python.sign_in` in config.json; until then take a token from the page's menu, \
                 \"Use from Python\""
            }
            Self::Proxied => {
                "signs people in through its gateway, which answers pages only: its administrator \
                 has to register a client without a secret for terminals, and name it as \
                 `python.sign_in.client_id` in config.json"
            }
        })
    }
}

impl std::error::Error for NotOffered {}

#[cfg(test)]
mod tests;
