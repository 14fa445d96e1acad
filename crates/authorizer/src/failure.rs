use std::fmt;

use shell_core::claims::ClaimsError;
use shell_jose::{Refused, VerifyError};

/// Why an event has no answer.
///
/// `Display` is what the function fails with. API Gateway makes a 401 of the
/// exact text `Unauthorized`, and a 500 of any other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The user has to sign in again.
    Unauthorized(UnauthorizedReason),
    /// The issuer's keys could not be loaded: the token is neither good nor bad.
    Unverifiable,
    /// Not an event of an authorizer for HTTP.
    Event,
}

/// Why a request is unauthorized. The log says it; the caller is not told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnauthorizedReason {
    /// Not one `Authorization` header with the scheme `Bearer`.
    Missing,
    /// The signature is not the issuer's.
    Token(VerifyError),
    /// The issuer publishes no key of the name the token gives.
    UnknownKey,
    /// The claims are not for us, or not for now.
    Claims(ClaimsError),
    /// A tab or a frame asks for more than documents and files: another site may
    /// have begun that.
    Navigation,
    /// Its headers may name another workspace to MLflow than to a reader of logs.
    Workspace,
}

impl From<VerifyError> for Failure {
    fn from(error: VerifyError) -> Self {
        Self::Unauthorized(UnauthorizedReason::Token(error))
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Token(error) => error.into(),
            Refused::Claims(error) => error.into(),
        }
    }
}

impl From<ClaimsError> for Failure {
    fn from(error: ClaimsError) -> Self {
        Self::Unauthorized(UnauthorizedReason::Claims(error))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unauthorized(_) => "Unauthorized",
            Self::Unverifiable => "the issuer's keys cannot be loaded",
            Self::Event => "not an event of a REST or HTTP API's authorizer",
        })
    }
}

impl std::error::Error for Failure {}

impl fmt::Display for UnauthorizedReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("no bearer"),
            Self::Token(error) => error.fmt(f),
            Self::UnknownKey => f.write_str("signed with a key the issuer does not publish"),
            Self::Claims(error) => error.fmt(f),
            Self::Workspace => f.write_str("the workspace has more than one reading"),
            Self::Navigation => f.write_str("a navigation may read documents and files only"),
        }
    }
}
