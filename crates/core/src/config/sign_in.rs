//! Signing in from a terminal (OAuth 2.0 for Native Apps, RFC 8252).

use serde::{Deserialize, Serialize};

use super::read_url;
use crate::{Config, config::Python};

/// How people sign in from a terminal. That it is there allows them to.
///
/// Browsers only need to know that it is there, so the gateway checks the rest before
/// it serves it ([`Config::check_sign_in`]), which spares them the code.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The app client, which has no secret; without it that of the pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// Where the hosted login returns to, as it is registered with the client: an
    /// `http` URL of this machine. Without a port any free one is used (RFC 8252
    /// §7.3), and without it `http://127.0.0.1/callback`.
    #[serde(skip_serializing_if = "Option::is_none")]
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

    /// Checks how people sign in from a terminal.
    ///
    /// # Errors
    /// With the key and what is wrong with it.
    pub fn check_sign_in(&self) -> Result<(), &'static str> {
        let Some(sign_in) = self.terminal_sign_in() else {
            return Ok(());
        };
        let is_empty = |id: &String| id.trim().is_empty();
        if sign_in.client_id.as_ref().is_some_and(is_empty) {
            return Err("`python.sign_in.client_id` is empty");
        }
        if self.provider.via_gateway && sign_in.client_id.is_none() {
            return Err(
                "`python.sign_in` beside `provider.via_gateway` needs a client without a secret, \
                 since the gateway makes token requests for pages only: name it as \
                 `python.sign_in.client_id`",
            );
        }
        match &sign_in.redirect_uri {
            Some(url) if !is_of_this_machine(url) => Err(
                "`python.sign_in.redirect_uri` must be an http URL of this machine with a path, \
                 without a query",
            ),
            Some(_) | None => Ok(()),
        }
    }
}

fn is_of_this_machine(url: &str) -> bool {
    // With `http` an origin is of this machine.
    let is_local = |(_, path): (_, &str)| url.starts_with("http:") && path.starts_with('/');
    !url.contains(['?', '#']) && read_url(url).is_ok_and(is_local)
}
