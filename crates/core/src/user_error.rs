//! Errors that a user is shown.
//!
//! Every error has a stable code (for support and tests), a title, and a
//! sentence that says what to do. Nothing here holds a secret.

mod texts;

use serde::{Deserialize, Serialize};

use crate::{
    Config,
    config::ConfigError,
    oauth::{authorization::CallbackError, failure::TokenError},
};

/// Something a person must be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum UserError {
    /// `config.json` is missing or wrong; the text names the key.
    Config(String),
    /// The page was opened at another origin than the configured one.
    ForeignOrigin {
        /// `origin` of the configuration.
        configured: String,
    },
    /// The page is not in a secure context.
    Insecure,
    /// The browser has no service workers, or they are switched off.
    NoWorkers,
    /// The browser keeps site data from us.
    StorageBlocked,
    /// The worker could not be registered: the browser's message.
    Registration(String),
    /// The worker runs but does not control this page.
    Uncontrolled,
    /// The worker did not answer.
    Silent,
    /// Page and worker are of different builds.
    Version,
    /// The address holds neither a code nor an error.
    CallbackIncomplete,
    /// No such sign-in is waiting: replayed, forged, or begun elsewhere.
    StateUnknown,
    /// The sign-in took too long.
    StateExpired,
    /// The provider refused.
    Provider {
        /// For example `access_denied`.
        error: String,
        /// The provider's description.
        description: Option<String>,
    },
    /// The code was refused: the provider's error.
    CodeRefused(String),
    /// The provider cannot be reached.
    ProviderDown,
    /// The provider's tokens are not the ones asked for: why.
    BadTokens(String),
}

impl UserError {
    /// A stable name for support and tests.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Config(_) => "config",
            Self::ForeignOrigin { .. } => "foreign-origin",
            Self::Insecure => "insecure",
            Self::NoWorkers => "no-workers",
            Self::StorageBlocked => "storage-blocked",
            Self::Registration(_) => "registration",
            Self::Uncontrolled => "uncontrolled",
            Self::Silent => "silent",
            Self::Version => "version",
            Self::CallbackIncomplete => "callback-incomplete",
            Self::StateUnknown => "state-unknown",
            Self::StateExpired => "state-expired",
            Self::Provider { .. } => "provider",
            Self::CodeRefused(_) => "code-refused",
            Self::ProviderDown => "provider-down",
            Self::BadTokens(_) => "bad-tokens",
        }
    }

    /// Whether a new sign-in can help, rather than a reload.
    pub fn is_cured_by_signing_in(&self) -> bool {
        matches!(
            self,
            Self::CallbackIncomplete
                | Self::StateUnknown
                | Self::StateExpired
                | Self::Provider { .. }
                | Self::CodeRefused(_)
                | Self::ProviderDown
                | Self::BadTokens(_)
        )
    }
}

impl From<ConfigError> for UserError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error.to_string())
    }
}

impl From<CallbackError> for UserError {
    fn from(error: CallbackError) -> Self {
        match error {
            CallbackError::Incomplete => Self::CallbackIncomplete,
            CallbackError::UnknownState => Self::StateUnknown,
            CallbackError::Expired => Self::StateExpired,
            CallbackError::Issuer => Self::BadTokens(error.to_string()),
            CallbackError::Provider { error, description } => Self::Provider { error, description },
        }
    }
}

impl UserError {
    /// Why a code led to no session, at a provider of this configuration.
    pub fn of_exchange(error: TokenError, config: &Config) -> Self {
        match error {
            TokenError::Refused(error) => Self::CodeRefused(error),
            TokenError::Throttled | TokenError::Unavailable | TokenError::Unreachable => {
                Self::ProviderDown
            }
            TokenError::Unreadable => {
                let endpoint = &config.provider.endpoints.token;
                Self::BadTokens(format!(
                    "{endpoint} has no CORS header for this site. Allow its origin there, or set \
                     `provider.via_gateway`"
                ))
            }
            TokenError::Malformed
            | TokenError::MissingIdToken
            | TokenError::UnreadableToken(_)
            | TokenError::TooLong(_)
            | TokenError::Claims(_)
            | TokenError::Nonce
            | TokenError::Subject => Self::BadTokens(error.to_string()),
        }
    }
}

/// One of each, with details where there are any.
#[cfg(test)]
pub(crate) fn samples() -> Vec<UserError> {
    use UserError as T;
    let text = || "a text & more".to_owned();
    vec![
        T::Config(text()),
        T::ForeignOrigin { configured: text() },
        T::Insecure,
        T::NoWorkers,
        T::StorageBlocked,
        T::Registration(text()),
        T::Uncontrolled,
        T::Silent,
        T::Version,
        T::CallbackIncomplete,
        T::StateUnknown,
        T::StateExpired,
        T::Provider {
            error: text(),
            description: None,
        },
        T::Provider {
            error: text(),
            description: Some(text()),
        },
        T::CodeRefused(text()),
        T::ProviderDown,
        T::BadTokens(text()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn a_hidden_answer_to_a_code_names_the_endpoint_and_the_cures() {
        let config = testing::config();
        let error = UserError::of_exchange(TokenError::Unreadable, &config);
        let advice = error.advice();
        for words in [
            &config.provider.endpoints.token,
            "CORS",
            "Allow its origin there",
            "`provider.via_gateway`",
            "administrator",
        ] {
            assert!(advice.contains(words), "{advice}");
        }
        let down = UserError::of_exchange(TokenError::Unreachable, &config);
        assert_eq!(down, UserError::ProviderDown);
    }
}
