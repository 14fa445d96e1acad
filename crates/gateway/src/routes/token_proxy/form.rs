//! The forms that our worker sends, and no others (rule 2).

use std::collections::BTreeMap;

use axum::http::HeaderMap;
use shell_core::{Config, Secret};

use crate::routes::form::has_form;

/// The fields of each form, `client_id` aside.
const EXCHANGE_FIELDS: [&str; 4] = ["grant_type", "code", "redirect_uri", "code_verifier"];
const RENEWAL_FIELDS: [&str; 2] = ["grant_type", REFRESH_TOKEN];
const REVOCATION_FIELDS: [&str; 1] = [TOKEN];

/// The field with the refresh token of a renewal.
pub(super) const REFRESH_TOKEN: &str = "refresh_token";

/// The field with the refresh token that is to be revoked.
pub(super) const TOKEN: &str = "token";

/// A form, which may hold secrets.
pub(super) type Form = BTreeMap<String, Secret>;

/// What a form for the token endpoint asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenRequest {
    /// Spend a code.
    Exchange,
    /// Spend a refresh token.
    Renewal,
}

/// Whose forms they are.
#[derive(Debug, Clone)]
pub(super) struct FormRules {
    /// What our client is called.
    pub(super) client_id: String,
    /// Where the hosted login returns to.
    pub(super) redirect_uri: String,
}

/// The fields of a form, none of which may be there twice.
pub(super) fn read(headers: &HeaderMap, body: &[u8]) -> Option<Form> {
    let mut form = Form::new();
    let mut pairs = form_urlencoded::parse(body);
    let is_new = pairs.all(|(name, value)| {
        let value = Secret::new(value);
        form.insert(name.into_owned(), value).is_none()
    });
    (is_new && has_form(headers)).then_some(form)
}

impl FormRules {
    /// The forms of the client of this configuration.
    pub(super) fn of(config: &Config) -> Self {
        Self {
            client_id: config.provider.client_id.clone(),
            redirect_uri: config.redirect_uri(),
        }
    }

    /// What a form is for, if it is for the token endpoint.
    pub(super) fn token_request(&self, form: &Form) -> Option<TokenRequest> {
        let (request, is_whole) = match value(form, "grant_type")? {
            "authorization_code" => {
                let is_ours = value(form, "redirect_uri") == Some(&self.redirect_uri);
                let is_whole = self.has(form, &EXCHANGE_FIELDS) && is_ours;
                (TokenRequest::Exchange, is_whole)
            }
            "refresh_token" => (TokenRequest::Renewal, self.has(form, &RENEWAL_FIELDS)),
            _ => return None,
        };
        is_whole.then_some(request)
    }

    /// Whether a form is for the revocation endpoint.
    pub(super) fn is_revocation(&self, form: &Form) -> bool {
        self.has(form, &REVOCATION_FIELDS)
    }

    /// Whether a form of our client has these fields, with something in them.
    fn has(&self, form: &Form, fields: &[&str]) -> bool {
        let is_filled = |field: &&str| value(form, field).is_some_and(|value| !value.is_empty());
        value(form, "client_id") == Some(&self.client_id)
            && form.len() == fields.len() + 1
            && fields.iter().all(is_filled)
    }
}

fn value<'a>(form: &'a Form, name: &str) -> Option<&'a str> {
    form.get(name).map(Secret::expose)
}

#[cfg(test)]
mod tests {
    use axum::http::header;

    use super::*;

    #[test]
    fn what_is_no_form_is_not_read() {
        let mut headers = HeaderMap::new();
        let form = "application/x-www-form-urlencoded; charset=UTF-8";
        let table = [
            (form, "a=1&b=2", true),
            (form, "a=1&a=1", false),
            ("text/plain", "a=1", false),
        ];
        for (kind, body, is_read) in table {
            headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
            assert_eq!(
                read(&headers, body.as_bytes()).is_some(),
                is_read,
                "{kind} {body}"
            );
        }
    }
}
