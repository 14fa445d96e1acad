//! OAuth 2.0 with PKCE on Amazon Cognito's paths.
//!
//! Each exchange is two functions, one that builds the request and one that
//! accepts the response; the caller does the HTTP in between.

pub mod authorization;
pub mod client_credentials;
pub mod device_authorization;
pub mod failure;
mod grant;
pub mod logout;
pub mod mediation;
pub mod native_app;
pub mod token;

pub use self::grant::{Grant, User};

use self::failure::TokenError;
use crate::query;

/// A form post to one of the provider's endpoints. It may hold secrets, so
/// `Debug` shows only where it goes.
#[derive(Clone, PartialEq, Eq)]
pub struct FormPost {
    /// The endpoint.
    pub url: String,
    /// `application/x-www-form-urlencoded` body.
    pub body: String,
}

impl FormPost {
    pub(crate) fn new(url: &str, fields: &[(&str, &str)]) -> Self {
        Self {
            url: url.to_owned(),
            body: query::write(fields),
        }
    }
}

impl std::fmt::Debug for FormPost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FormPost({})", self.url)
    }
}

/// What an endpoint answered. Its body may hold tokens, so `Debug` shows only the
/// status.
#[derive(Clone, Copy)]
pub struct Response<'a> {
    /// The HTTP status.
    pub status: u16,
    /// The body, as text.
    pub body: &'a str,
}

/// Why an endpoint's answer is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unanswered {
    /// There was none: no network, no such host, or it took too long.
    Unreachable,
    /// The browser hides it: the endpoint can be reached, and its answer has no
    /// header of CORS that lets this site read it.
    Unreadable,
}

impl From<Unanswered> for TokenError {
    fn from(unanswered: Unanswered) -> Self {
        match unanswered {
            Unanswered::Unreachable => Self::Unreachable,
            Unanswered::Unreadable => Self::Unreadable,
        }
    }
}

impl std::fmt::Debug for Response<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Response({})", self.status)
    }
}
