//! Signing out: revoke the refresh token (RFC 7009), then end the login session.

use super::{FormPost, Unanswered};
use crate::{Config, Secret, query, refusal::escape};

/// Where the page goes whose answer posts the ID token to the provider. The worker
/// answers it; no server has it.
pub const FORM_PAGE: &str = "/end-session";

/// Posts the form of the page as soon as it is there.
const SUBMIT: &str = "document.forms[0].submit()";

/// The SHA-256 of [`SUBMIT`], as a source of a content security policy.
const SUBMIT_HASH: &str = "'sha256-ePniVEkSivX/c7XWBGafqh8tSpiRrKiqYeqbG7N1TOE='";

/// Whether the refresh token is worth nothing any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revocation {
    /// Yes, or there was none.
    Done,
    /// No: the provider takes none back, or not from this client, or the browser
    /// hides what it says. Asking again would not help.
    Refused,
    /// That is not known: the provider cannot be reached, or is busy.
    Unconfirmed,
}

impl Revocation {
    /// As pages are told: whether the token is revoked, and whether the provider
    /// answers.
    pub(crate) fn told(revoked: bool, answers: bool) -> Self {
        match (revoked, answers) {
            (true, _) => Self::Done,
            (false, true) => Self::Refused,
            (false, false) => Self::Unconfirmed,
        }
    }
}

/// A page in which a form ends the session at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormPage {
    /// The document. The ID token is in it.
    pub html: Secret,
    /// Its content security policy.
    pub policy: String,
}

/// Builds the request that revokes `refresh` and everything issued from it;
/// `None` if the provider takes none.
pub fn revoke(refresh: &Secret, config: &Config) -> Option<FormPost> {
    let url = &config.provider.endpoints.revocation;
    let fields = [
        ("token", refresh.expose()),
        ("client_id", &config.provider.client_id),
    ];
    (!url.is_empty()).then(|| FormPost::new(url, &fields))
}

/// What the status of the answer to [`revoke`] means (RFC 7009 §2.2), or that there
/// was none.
pub fn revoked(status: Result<u16, Unanswered>) -> Revocation {
    match status {
        Ok(200..=299) => Revocation::Done,
        Ok(408 | 429) | Err(Unanswered::Unreachable) => Revocation::Unconfirmed,
        Ok(400..=499) | Err(Unanswered::Unreadable) => Revocation::Refused,
        Ok(_) => Revocation::Unconfirmed,
    }
}

/// Where to send the browser to end the hosted login's own session.
///
/// Without it the provider's cookie signs the user straight in again; a provider
/// that has no such endpoint leaves it at that. Where to go afterwards is said in
/// Cognito's word and in the standard's (OpenID Connect RP-Initiated Logout 1.0
/// §2), each of which the other ignores. The standard's `id_token_hint` is left
/// out: a token in a URL is in histories and logs. See [`form_page`].
pub fn url(config: &Config) -> String {
    let endpoint = &config.provider.endpoints.end_session;
    if endpoint.is_empty() {
        return config.logout_uri();
    }
    let back = config.logout_uri();
    let pairs = [
        ("client_id", config.provider.client_id.as_str()),
        ("logout_uri", &back),
        ("post_logout_redirect_uri", &back),
    ];
    query::append(endpoint, &pairs)
}

/// The page that ends the session with `id_token` as the hint; `None` if the
/// configuration does not say so, or the provider has no endpoint for it.
///
/// The token is in this one answer of the worker's and nowhere else: the policy's
/// `sandbox` gives the document an origin of its own, so that no page of this site
/// can look into it, and its form can be sent to the provider alone and lead back
/// here (browsers apply `form-action` to redirects, too).
pub fn form_page(config: &Config, id_token: &Secret) -> Option<FormPage> {
    let endpoint = &config.provider.endpoints.end_session;
    if !config.provider.post_id_token_at_logout {
        return None;
    }
    let origin = config.provider.endpoints.end_session_origin()?;
    let [endpoint, id_token, client_id, back] = [
        endpoint,
        id_token.expose(),
        &config.provider.client_id,
        &config.logout_uri(),
    ]
    .map(escape);
    let html = format!(
        "<!doctype html><title>Signing out</title>\
         <form method=post action=\"{endpoint}\">\
         <input type=hidden name=id_token_hint value=\"{id_token}\">\
         <input type=hidden name=client_id value=\"{client_id}\">\
         <input type=hidden name=post_logout_redirect_uri value=\"{back}\">\
         </form><script>{SUBMIT}</script>"
    );
    let policy = format!(
        "default-src 'none'; script-src {SUBMIT_HASH}; frame-ancestors 'none'; \
         form-action {origin} {}; sandbox allow-forms allow-scripts",
        config.origin
    );
    Some(FormPage {
        html: Secret::new(html),
        policy,
    })
}

#[cfg(test)]
mod tests {
    use base64ct::{Base64, Encoding};
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::testing;

    #[test]
    fn the_session_ends_where_the_provider_says() {
        let mut config = testing::config();
        assert_eq!(
            url(&config),
            "https://login.example.com/logout?client_id=client\
             &logout_uri=https%3A%2F%2Fmlflow.example.com%2F\
             &post_logout_redirect_uri=https%3A%2F%2Fmlflow.example.com%2F"
        );
        config.provider.endpoints.end_session = "https://a.example/end?x".to_owned();
        assert!(url(&config).starts_with("https://a.example/end?x&client_id=client&"));
        config.provider.endpoints.end_session.clear();
        assert_eq!(url(&config), "https://mlflow.example.com/");
    }

    #[test]
    fn nothing_is_revoked_where_nothing_can_be() {
        let mut config = testing::config();
        let request = revoke(&Secret::new("r"), &config).unwrap();
        assert_eq!(request.url, "https://login.example.com/oauth2/revoke");
        config.provider.endpoints.revocation.clear();
        assert_eq!(revoke(&Secret::new("r"), &config), None);
    }

    /// What canaille 0.3.6 and Glewlwyd 2.7.5 (401 to public clients) and `LemonLDAP::NG`
    /// 2.16.1 (no endpoint) answer.
    #[test]
    fn a_revocation_that_cannot_be_had_is_told_from_one_that_may_come() {
        use Revocation::{Done, Refused, Unconfirmed};
        let table = [
            (Ok(200), Done),
            (Ok(204), Done),
            (Ok(400), Refused),
            (Ok(401), Refused),
            (Ok(403), Refused),
            (Ok(404), Refused),
            (Ok(405), Refused),
            (Err(Unanswered::Unreadable), Refused),
            (Err(Unanswered::Unreachable), Unconfirmed),
            (Ok(302), Unconfirmed),
            (Ok(408), Unconfirmed),
            (Ok(429), Unconfirmed),
            (Ok(500), Unconfirmed),
            (Ok(503), Unconfirmed),
        ];
        for (status, expected) in table {
            assert_eq!(revoked(status), expected, "{status:?}");
        }
    }

    #[test]
    fn the_form_goes_to_the_provider_alone_and_its_page_has_no_origin() {
        let mut config = testing::config();
        config.provider.endpoints.end_session = "https://a.example/end?x&\"y".to_owned();
        assert_eq!(form_page(&config, &Secret::new("a.b.c")), None);
        config.provider.post_id_token_at_logout = true;
        let page = form_page(&config, &Secret::new("a.b.c")).unwrap();
        let html = page.html.expose();
        assert!(html.contains("<form method=post action=\"https://a.example/end?x&amp;&quot;y\">"));
        assert!(html.contains("name=id_token_hint value=\"a.b.c\""));
        assert!(html.contains("name=client_id value=\"client\""));
        assert!(
            html.contains("name=post_logout_redirect_uri value=\"https://mlflow.example.com/\"")
        );
        assert_eq!(
            page.policy.split_once("form-action ").unwrap().1,
            "https://a.example https://mlflow.example.com; sandbox allow-forms allow-scripts"
        );
        assert!(!format!("{page:?}").contains("a.b.c"));
        let hash = Base64::encode_string(&Sha256::digest(SUBMIT));
        assert_eq!(SUBMIT_HASH, format!("'sha256-{hash}'"));

        config.provider.endpoints.end_session.clear();
        assert_eq!(form_page(&config, &Secret::new("a.b.c")), None);
    }
}
