//! Signing in from a terminal (OAuth 2.0 for Native Apps, RFC 8252).

use serde::{Deserialize, Deserializer, Serialize};

use super::read_url;
use crate::{Config, config::Python, read};

/// How people sign in from a terminal. That it is there allows them to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The app client, which has no secret; without it that of the pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// Where the hosted login returns to, as it is registered with the client: an
    /// `http` URL of this machine. Without a port any free one is used (RFC 8252
    /// §7.3), and without it `http://127.0.0.1/callback`.
    #[serde(
        default,
        deserialize_with = "loopback",
        skip_serializing_if = "Option::is_none"
    )]
    pub redirect_uri: Option<String>,
}

impl Config {
    /// How people sign in from a terminal, if they may.
    pub fn terminal_sign_in(&self) -> Option<&SignIn> {
        match &self.python {
            Some(Python::Token { sign_in, .. }) => sign_in.as_ref(),
            Some(Python::SigV4 { .. }) | None => None,
        }
    }

    /// The app clients that users sign in with: the pages' and a terminal's.
    pub fn client_ids(&self) -> Vec<String> {
        let terminal = self.terminal_sign_in();
        let terminal = terminal.and_then(|sign_in| sign_in.client_id.as_ref());
        let mut all = vec![self.provider.client_id.clone()];
        all.extend(
            terminal
                .filter(|id| **id != self.provider.client_id)
                .cloned(),
        );
        all
    }
}

fn loopback<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    read::checked(deserializer, |text| {
        let is_local = read_url(&text).is_ok_and(|(origin, path)| {
            origin.as_str().starts_with("http:") && path.starts_with('/')
        });
        (is_local && !text.contains(['?', '#']))
            .then_some(Some(text))
            .ok_or("must be an http URL of this machine with a path, without a query")
    })
}
