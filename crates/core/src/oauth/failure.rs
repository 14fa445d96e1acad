//! Errors of the provider's endpoints, and whether they are permanent.
//!
//! One question decides the life of a session: will asking again help? Only a
//! definitive refusal is [`FailureClass::Permanent`]; a network fault, throttling, a
//! broken server or an answer that makes no sense is [`FailureClass::Transient`].
//! An answer that the browser hides may be either: [`FailureClass::Hidden`].

use std::fmt;

use crate::{
    bounds::TokenTooLong,
    claims::{ClaimsError, ReadError},
};

/// What was being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Spending a code.
    Exchange,
    /// Spending a refresh token.
    Renewal,
}

/// Whether asking again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureClass {
    /// No.
    Permanent,
    /// Later, perhaps.
    Transient,
    /// There was an answer, and the browser hides it: a refusal, as some providers
    /// send it without the headers of CORS, or an error of a server in front of
    /// them.
    Hidden,
}

/// Why there is no grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenError {
    /// The provider refused: the `error` it gave (RFC 6749 §5.2), or the status if
    /// it gave none.
    Refused(String),
    /// 429: too many requests.
    Throttled,
    /// 408, 5xx, or another status without a reason: the provider is broken or busy.
    Unavailable,
    /// No answer: no network, no such host, or it took too long.
    Unreachable,
    /// The token endpoint answered without the headers of CORS, so that the
    /// browser hides the answer.
    Unreadable,
    /// The answer says success but is not a token response.
    Malformed,
    /// The answer to a code has no ID token.
    MissingIdToken,
    /// The ID token cannot be read.
    UnreadableToken(ReadError),
    /// The token that requests would carry is longer than servers take.
    TooLong(TokenTooLong),
    /// A token in it is not what was asked for.
    Claims(ClaimsError),
    /// The ID token belongs to another sign-in.
    Nonce,
    /// The renewed ID token is another user's (OpenID Connect Core §12.2).
    Subject,
}

/// An error, and when it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What was being done.
    pub phase: Phase,
    /// What went wrong.
    pub error: TokenError,
}

impl TokenError {
    /// What an answer that is no success means: its status, and its `error` if
    /// the body is JSON and has one. The statuses of a refusal (RFC 6749 §5.2)
    /// count without a body, too, and so does 403.
    pub(super) fn of(status: u16, error: Option<String>) -> Self {
        match (status, error) {
            // Throttling is no verdict, whatever the body says.
            (429, _) => Self::Throttled,
            (408 | 500.., _) => Self::Unavailable,
            (_, Some(error)) => Self::Refused(error),
            (400 | 401 | 403, None) => Self::Refused(format!("status {status}")),
            (_, None) => Self::Unavailable,
        }
    }

    /// Whether asking again with what is not spent, such as a refresh token, can help.
    pub fn may_pass(&self) -> bool {
        let (phase, error) = (Phase::Renewal, self.clone());
        Failure { phase, error }.class() == FailureClass::Transient
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Refused(_) => "refused",
            Self::Throttled => "throttled",
            Self::Unavailable => "unavailable",
            Self::Unreachable => "unreachable",
            Self::Unreadable => "unreadable",
            Self::Malformed => "malformed",
            Self::MissingIdToken => "missing-id-token",
            Self::UnreadableToken(_) => "unreadable-token",
            Self::TooLong(_) => "too-long",
            Self::Claims(_) => "claims",
            Self::Nonce => "nonce",
            Self::Subject => "subject",
        }
    }
}

impl Failure {
    /// Whether trying again can help.
    ///
    /// A code is spent by its first use, so a failed exchange is always final;
    /// a refresh token is not.
    pub fn class(&self) -> FailureClass {
        match (self.phase, &self.error) {
            (Phase::Exchange, _) => FailureClass::Permanent,
            // OpenID Connect and RFC 6749 §4.1.2.1 have errors that pass.
            (Phase::Renewal, TokenError::Refused(error))
                if error == "temporarily_unavailable" || error == "server_error" =>
            {
                FailureClass::Transient
            }
            (
                Phase::Renewal,
                TokenError::Throttled
                | TokenError::Unavailable
                | TokenError::Unreachable
                | TokenError::Malformed,
            ) => FailureClass::Transient,
            (Phase::Renewal, TokenError::Unreadable) => FailureClass::Hidden,
            (Phase::Renewal, _) => FailureClass::Permanent,
        }
    }

    /// A stable name for support and tests, such as `renewal-throttled`.
    pub fn code(&self) -> String {
        let phase = match self.phase {
            Phase::Exchange => "exchange",
            Phase::Renewal => "renewal",
        };
        format!("{phase}-{}", self.error.kind())
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refused(error) => error,
            Self::Throttled => "the provider has too much to do",
            Self::Unavailable => "the provider is out of order",
            Self::Unreachable => "the provider could not be reached",
            Self::Unreadable => "the browser hides the provider's answer",
            Self::Malformed => "the provider's answer is not a token response",
            Self::MissingIdToken => {
                "its answer has no ID token; the app client has to be allowed the scope `openid`"
            }
            Self::UnreadableToken(error) => return write_unreadable(error, f),
            Self::TooLong(error) => return error.fmt(f),
            Self::Claims(error) => return error.fmt(f),
            Self::Nonce => "the ID token belongs to another sign-in",
            Self::Subject => "the renewed ID token is another user's",
        })
    }
}

/// The reader of a token says "the token" of any.
fn write_unreadable(error: &ReadError, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let said = error.to_string();
    match said.strip_prefix("the token") {
        Some(rest) => write!(f, "the ID token{rest}"),
        None => write!(f, "its ID token is {said}"),
    }
}

impl std::error::Error for TokenError {}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every error in both phases: the whole taxonomy on one page.
    #[test]
    fn only_definitive_refusals_of_a_renewal_are_final() {
        use FailureClass::{Hidden, Permanent, Transient};
        let refused = |error: &str| TokenError::Refused(error.into());
        let table = [
            (refused("invalid_grant"), "renewal-refused", Permanent),
            (refused("invalid_client"), "renewal-refused", Permanent),
            (refused("unheard_of"), "renewal-refused", Permanent),
            (
                refused("temporarily_unavailable"),
                "renewal-refused",
                Transient,
            ),
            (refused("server_error"), "renewal-refused", Transient),
            (TokenError::Throttled, "renewal-throttled", Transient),
            (TokenError::Unavailable, "renewal-unavailable", Transient),
            (TokenError::Unreachable, "renewal-unreachable", Transient),
            (TokenError::Malformed, "renewal-malformed", Transient),
            (
                TokenError::Claims(ClaimsError::Issuer),
                "renewal-claims",
                Permanent,
            ),
            (
                TokenError::MissingIdToken,
                "renewal-missing-id-token",
                Permanent,
            ),
            (
                TokenError::UnreadableToken(ReadError::Encrypted),
                "renewal-unreadable-token",
                Permanent,
            ),
            (
                TokenError::TooLong(TokenTooLong {
                    length: 2,
                    bound: 1,
                }),
                "renewal-too-long",
                Permanent,
            ),
            (TokenError::Nonce, "renewal-nonce", Permanent),
            (TokenError::Subject, "renewal-subject", Permanent),
            (refused("status 400"), "renewal-refused", Permanent),
            (TokenError::Unreadable, "renewal-unreadable", Hidden),
        ];
        for (error, code, class) in table {
            let phase = Phase::Renewal;
            let failure = Failure { phase, error };
            assert_eq!(failure.class(), class, "{failure:?}");
            assert_eq!(failure.code(), code);

            let phase = Phase::Exchange;
            let failure = Failure { phase, ..failure };
            assert_eq!(failure.class(), Permanent, "{failure:?}");
            assert_eq!(failure.code(), code.replace("renewal", "exchange"));
        }
    }
}
