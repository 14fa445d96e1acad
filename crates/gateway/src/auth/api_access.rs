//! Whether programs may call MLflow's REST API here.

use shell_core::{config::Python, refusal::Problem};

/// Whether MLflow's REST API is served to programs, and whether API tokens are
/// issued.
///
/// Tokens are issued if the configuration's `python` says `token`. The API is
/// served then, and also if the settings have `issuers`, such as those of
/// machines.
#[derive(Debug)]
pub(crate) struct ApiAccess {
    python: Option<Python>,
    has_issuers: bool,
}

impl ApiAccess {
    pub(crate) fn new(python: Option<&Python>, has_issuers: bool) -> Self {
        Self {
            python: python.cloned(),
            has_issuers,
        }
    }

    /// Refuses the requests of programs where the API is not served to them.
    ///
    /// # Errors
    /// With what programs do instead.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        if self.has_issuers {
            return Ok(());
        }
        self.token_lifetime().map(drop)
    }

    /// How long an API token is valid, in seconds.
    ///
    /// # Errors
    /// If none are issued: with what programs do instead.
    pub(crate) fn token_lifetime(&self) -> Result<u64, Problem> {
        match &self.python {
            Some(Python::Token { lifetime, .. }) => Ok(*lifetime),
            Some(Python::SigV4 { tracking_uri }) => Err(Problem::api_elsewhere(tracking_uri)),
            None => Err(Problem::api_not_served()),
        }
    }
}
