//! Client authentication at the token endpoint: the app, or a machine.

use axum::http::{HeaderMap, header::AUTHORIZATION};
use base64::{Engine, prelude::BASE64_STANDARD};
use shell_core::Secret;

use crate::{
    parameters::Parameters,
    respond::OAuthError,
    settings::{DEVELOPMENT_SECRET, Machine, Settings},
};

/// A client that has proved to be who it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Client<'a> {
    /// The app client, with which users sign in.
    App,
    /// A program with a secret of its own.
    Machine(&'a Machine),
}

/// What a request says of its client (RFC 6749 §2.3.1).
struct Presented {
    client_id: String,
    secret: Option<Secret>,
}

impl<'a> Client<'a> {
    /// Finds the client that a request names, by its secret if it has one. A
    /// client without one must not show any.
    pub(crate) fn authenticate(
        settings: &'a Settings,
        headers: &HeaderMap,
        form: &Parameters,
    ) -> Result<Self, OAuthError> {
        let Presented { client_id, secret } = Presented::read(headers, form)?;
        let shown = secret.as_ref().map(Secret::expose);
        let (client, expected) = if client_id == settings.client_id {
            (
                Self::App,
                settings.client_secret.as_ref().map(Secret::expose),
            )
        } else {
            let mut machines = settings.machines.iter();
            let machine = machines.find(|machine| machine.client_id == client_id);
            let machine = machine.ok_or(OAuthError::InvalidClient)?;
            (Self::Machine(machine), Some(DEVELOPMENT_SECRET))
        };
        if shown == expected {
            Ok(client)
        } else {
            Err(OAuthError::InvalidClient)
        }
    }
}

impl Presented {
    /// Reads either of the two ways; a client must not use both.
    fn read(headers: &HeaderMap, form: &Parameters) -> Result<Self, OAuthError> {
        let posted = form.get("client_secret").map(Secret::new);
        let Some(header) = headers.get(AUTHORIZATION) else {
            return Ok(Self {
                client_id: form.require("client_id")?.to_owned(),
                secret: posted,
            });
        };
        let basic = header.to_str().ok().and_then(Self::of_basic);
        let basic = basic.ok_or(OAuthError::InvalidClient)?;
        let is_named = form
            .get("client_id")
            .is_none_or(|named| named == basic.client_id);
        if posted.is_some() {
            Err(OAuthError::InvalidRequest)
        } else if is_named {
            Ok(basic)
        } else {
            Err(OAuthError::InvalidClient)
        }
    }

    /// Both halves are encoded as in a form before they are joined.
    fn of_basic(header: &str) -> Option<Self> {
        let (scheme, encoded) = header.split_once(' ')?;
        let decoded = BASE64_STANDARD.decode(encoded.trim()).ok()?;
        let decoded = String::from_utf8(decoded).ok()?;
        let (client_id, secret) = decoded.split_once(':')?;
        let plain = |text: &str| {
            let (text, _) = form_urlencoded::parse(text.as_bytes()).next()?;
            Some(text.into_owned())
        };
        scheme.eq_ignore_ascii_case("basic").then_some(Self {
            client_id: plain(client_id)?,
            secret: Some(Secret::new(plain(secret)?)),
        })
    }
}
