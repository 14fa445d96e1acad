use std::collections::BTreeMap;

use axum::http::{HeaderMap, header::CONTENT_TYPE};

use crate::respond::OAuthError;

/// The parameters of a query or a form. An empty one counts as absent, and of
/// two with one name the first is taken (RFC 6749 §3.1 allows neither).
pub(crate) struct Parameters(BTreeMap<String, String>);

impl Parameters {
    pub(crate) fn parse(encoded: &str) -> Self {
        let mut parameters = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(encoded.as_bytes()) {
            parameters.entry(name.into()).or_insert(value.into());
        }
        Self(parameters)
    }

    /// Reads the body of a request that must be a form.
    pub(crate) fn form(headers: &HeaderMap, body: &str) -> Result<Self, OAuthError> {
        let is_form = headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .is_some_and(|kind| kind.trim() == "application/x-www-form-urlencoded");
        if is_form {
            Ok(Self::parse(body))
        } else {
            Err(OAuthError::InvalidRequest)
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    pub(crate) fn require(&self, name: &str) -> Result<&str, OAuthError> {
        self.get(name).ok_or(OAuthError::InvalidRequest)
    }
}
