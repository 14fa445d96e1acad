//! Asks for a sign-in as the worker does, up to the login page.
//!
//! 1. Cookies are carried, as a browser does: many login pages want theirs back.
//! 2. Redirects are followed, [`HOPS`] at most, and only on the provider's own
//!    origin. A provider that sends people on to another has answered.
//! 3. Nothing is filled in.

use axum::http::StatusCode;
use sha2::{Digest, Sha256};
use shell_core::{
    Entropy, Route,
    oauth::authorization::{Callback, CallbackError, Draws, Transaction},
};
use shell_gateway::now;
use url::{Origin, Url};

use super::{Checked, plain};
use crate::checks::{CheckResult, browsing::Browsing, failure, probe::ProbeResponse};

/// Most redirects on the way to the login page.
const HOPS: usize = 10;

const NO_PAGE: &str = "give the app client a login page (with managed login, a branding style), \
     and allow it an identity provider";

impl Checked<'_> {
    pub(super) async fn sign_in(&self) -> CheckResult {
        let Ok(mut url) = Url::parse(&self.request()) else {
            return failure("the authorization endpoint is no URL", "correct it");
        };
        let own = self.own_origins(&url);
        let mut browsing = Browsing::new(self.probe);
        for _ in 0..HOPS {
            let answer = browsing.get(&url).await?;
            let Some(next) = next(&url, &answer) else {
                return self.page(&url, &answer);
            };
            self.refused(&next)?;
            if !own.contains(&next.origin()) {
                let host = next.host_str().unwrap_or_default();
                return Ok(format!(
                    "the hosted login sends people on to {}",
                    plain(host)
                ));
            }
            url = next;
        }
        failure(
            format!("the login page is not reached within {HOPS} redirects"),
            "open the shell in a browser, and see where its sign-in goes round in a circle",
        )
    }

    /// A request that is never completed, so weak randomness would do.
    fn request(&self) -> String {
        let transaction = Transaction::begin(draws(), Route::default(), false, now());
        let digest = Sha256::digest(transaction.verifier()).into();
        transaction.url(self.config, digest)
    }

    /// Where the provider itself is: its endpoint, and what is called its domain.
    fn own_origins(&self, endpoint: &Url) -> [Origin; 2] {
        let domain = Url::parse(self.config.provider.domain.as_str());
        let domain = domain.map_or_else(|_| endpoint.origin(), |url| url.origin());
        [endpoint.origin(), domain]
    }

    fn page(&self, url: &Url, answer: &ProbeResponse) -> CheckResult {
        if answer.status == StatusCode::OK {
            return Ok("the hosted login knows our client and address".to_owned());
        }
        let is_first = url
            .as_str()
            .starts_with(&self.config.provider.endpoints.authorization);
        let status = answer.status;
        if is_first {
            let cure = format!("check `provider.domain`; {}", self.register());
            return failure(
                format!("the hosted login answers {status} to our request"),
                cure,
            );
        }
        failure(format!("the login page answers {status}"), NO_PAGE)
    }

    /// Whether the provider refuses, on a page of its own or to our callback.
    fn refused(&self, next: &Url) -> CheckResult<()> {
        let query = next.query().unwrap_or_default();
        let is_ours = next.as_str().split(['?', '#']).next() == Some(&self.config.redirect_uri());
        let error = if is_ours {
            match Callback::parse(query, "") {
                Err(CallbackError::Provider { error, .. }) => Some(error),
                _ => None,
            }
        } else if next.path().ends_with("/error") {
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            let error = pairs.find(|(name, _)| name == "error");
            Some(error.map_or_else(String::new, |(_, error)| error.into_owned()))
        } else {
            None
        };
        match error {
            None => Ok(()),
            Some(error) => {
                let cure = self.cure(&error);
                failure(format!("the hosted login says `{}`", plain(&error)), cure)
            }
        }
    }

    fn cure(&self, error: &str) -> String {
        match error {
            "invalid_scope" | "invalid_request" => {
                let scopes = self.config.provider.scopes.join(" ");
                format!("allow the app client the scopes {scopes} and the code grant with PKCE")
            }
            "unauthorized_client" => "allow the app client the authorization code grant".to_owned(),
            _ => self.register(),
        }
    }

    fn register(&self) -> String {
        format!(
            "the app client {} must exist and have {} among its callback URLs, letter by letter",
            self.config.provider.client_id,
            self.config.redirect_uri()
        )
    }
}

/// Where an answer sends a browser on to.
fn next(from: &Url, answer: &ProbeResponse) -> Option<Url> {
    let location = answer.header("location")?;
    let next = answer.status.is_redirection().then(|| from.join(&location));
    next?.ok()
}

fn draws() -> Draws {
    let draw = || {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).ok();
        Entropy(bytes)
    };
    Draws {
        state: draw(),
        nonce: draw(),
        verifier: draw(),
    }
}
