//! AWS credentials: found as every AWS program finds them, or of a role that is
//! assumed with those, and renewed before they end.

use std::{
    error::Error,
    fmt,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use aws_config::{BehaviorVersion, Region, sts::AssumeRoleProvider};
use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, SharedCredentialsProvider, error::CredentialsError as Failure},
};
use tokio::sync::OnceCell;

use super::aws_http;

/// How long before their end credentials are renewed. AWS's own clients do so
/// 5 minutes before; a role's live for at least 15.
const RENEWAL_MARGIN: Duration = Duration::from_mins(5);

/// How long a failure is believed before it is tried again, so that a flood of
/// requests does not become a flood of questions to STS.
const RETRY_DELAY: Duration = Duration::from_secs(2);

/// Why there are no credentials.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// None of the places has any.
    #[error(
        "no AWS credentials were found to sign requests to SageMaker with: give this process a \
         role (ECS task role, EC2 instance profile, EKS service account), or set \
         AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE (single sign-on profiles: \
         `aws configure export-credentials` as their credential_process)"
    )]
    None,
    /// There is a place for them, which failed.
    #[error("the AWS credentials to sign requests to SageMaker with cannot be loaded: {0}")]
    Failed(String),
    /// The role cannot be assumed.
    #[error(
        "the role `{role}` cannot be assumed: {why}. Its trust policy has to name this gateway's \
         identity, whose own policy has to allow sts:AssumeRole on it"
    )]
    Role {
        /// Its ARN.
        role: String,
        /// What AWS says.
        why: String,
    },
}

/// A role that is assumed.
#[derive(Debug, Clone)]
pub(super) struct Role {
    pub(super) arn: String,
    pub(super) session: String,
    pub(super) external_id: Option<String>,
}

/// Where credentials come from, and those in use.
pub(super) struct CredentialsSource {
    region: String,
    role: Option<Role>,
    /// In place of the default chain's.
    keys: Option<Credentials>,
    provider: OnceCell<SharedCredentialsProvider>,
    /// One asks at a time; the others wait, and find what it got.
    asking: tokio::sync::Mutex<()>,
    cached: Mutex<CachedCredentials>,
}

#[derive(Default, Clone)]
struct CachedCredentials {
    credentials: Option<Credentials>,
    failure: Option<(Instant, CredentialsError)>,
}

impl CredentialsSource {
    pub(super) fn new(region: &str, role: Option<Role>, keys: Option<Credentials>) -> Self {
        Self {
            region: region.to_owned(),
            role,
            keys,
            provider: OnceCell::new(),
            asking: tokio::sync::Mutex::default(),
            cached: Mutex::default(),
        }
    }

    /// The same with these keys in place of the default chain's.
    pub(super) fn with_keys(&self, keys: Credentials) -> Self {
        Self::new(&self.region, self.role.clone(), Some(keys))
    }

    /// Credentials that hold for a while.
    ///
    /// # Errors
    /// If there are none, and none to be had.
    pub(super) async fn current(&self, now: SystemTime) -> Result<Credentials, CredentialsError> {
        if let Some(settled) = self.cached().settled(now) {
            return settled;
        }
        let _turn = self.asking.lock().await;
        let cached = self.cached();
        if let Some(settled) = cached.settled(now) {
            return settled;
        }
        let asked = self.ask().await;
        let valid = cached.credentials.filter(|old| lasts(old, now));
        let cached = CachedCredentials {
            failure: asked.clone().err().map(|failure| (Instant::now(), failure)),
            credentials: asked.clone().ok().or(valid.clone()),
        };
        *self.cached.lock().unwrap_or_else(PoisonError::into_inner) = cached;
        match (asked, valid) {
            (Err(error), Some(old)) => {
                tracing::warn!(%error, "the credentials in use are kept until they end");
                Ok(old)
            }
            (asked, _) => asked,
        }
    }

    /// Drops `refused`: AWS says that they have expired.
    pub(super) fn forget(&self, refused: &Credentials) {
        let mut cached = self.cached.lock().unwrap_or_else(PoisonError::into_inner);
        if cached.credentials.as_ref() == Some(refused) {
            cached.credentials = None;
        }
    }

    fn cached(&self) -> CachedCredentials {
        self.cached
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    async fn ask(&self) -> Result<Credentials, CredentialsError> {
        let provider = self.provider.get_or_init(|| self.provider()).await;
        let credentials = provider.provide_credentials().await;
        credentials.map_err(|failure| self.explain(&failure))
    }

    async fn provider(&self) -> SharedCredentialsProvider {
        let loader = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(self.region.clone()))
            .http_client(aws_http::http_client());
        let loader = match &self.keys {
            Some(keys) => loader.credentials_provider(keys.clone()),
            None => loader,
        };
        let config = loader.load().await;
        if let Some(role) = &self.role {
            let mut builder = AssumeRoleProvider::builder(&role.arn)
                .session_name(&role.session)
                .configure(&config);
            if let Some(id) = &role.external_id {
                builder = builder.external_id(id);
            }
            return SharedCredentialsProvider::new(builder.build().await);
        }
        // The loader always sets one.
        let no_provider = || SharedCredentialsProvider::new(NoProvider);
        config.credentials_provider().unwrap_or_else(no_provider)
    }

    fn explain(&self, failure: &Failure) -> CredentialsError {
        let why = reasons(failure);
        match (&self.role, failure) {
            // Of a role's own credentials, too: they are asked for first.
            (_, Failure::CredentialsNotLoaded(_)) => CredentialsError::None,
            (Some(_), _) if why.contains(NOTHING_FOUND) => CredentialsError::None,
            (Some(role), _) => CredentialsError::Role {
                role: role.arn.clone(),
                why,
            },
            (None, _) => CredentialsError::Failed(why),
        }
    }
}

/// The SDK's message deep within a failure to assume a role for want of
/// credentials to do it with.
const NOTHING_FOUND: &str = "no credentials found in chain";

impl CachedCredentials {
    /// What needs no asking: good credentials, or a failure of just now.
    fn settled(&self, now: SystemTime) -> Option<Result<Credentials, CredentialsError>> {
        let failed = self.failure.as_ref();
        let just_failed = failed.filter(|(when, _)| when.elapsed() < RETRY_DELAY);
        match (&self.credentials, just_failed) {
            (Some(cached), _) if lasts(cached, now + RENEWAL_MARGIN) => Some(Ok(cached.clone())),
            (Some(cached), Some(_)) if lasts(cached, now) => Some(Ok(cached.clone())),
            (_, Some((_, failure))) => Some(Err(failure.clone())),
            (_, None) => None,
        }
    }
}

fn lasts(credentials: &Credentials, until: SystemTime) -> bool {
    credentials.expiry().is_none_or(|end| until < end)
}

#[derive(Debug)]
struct NoProvider;

impl ProvideCredentials for NoProvider {
    fn provide_credentials<'a>(
        &'a self,
    ) -> aws_credential_types::provider::future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let none = Err(Failure::not_loaded_no_source());
        aws_credential_types::provider::future::ProvideCredentials::ready(none)
    }
}

/// The messages of an error and its sources, without repetition.
fn reasons(error: &dyn Error) -> String {
    let mut said = error.to_string();
    let mut below = error.source();
    while let Some(error) = below {
        let words = error.to_string();
        if !said.contains(&words) {
            said = format!("{said}: {words}");
        }
        below = error.source();
    }
    said
}

impl fmt::Debug for CredentialsSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.role {
            Some(role) => write!(f, "CredentialsSource({})", role.arn),
            None => f.write_str("Source(default chain)"),
        }
    }
}

#[cfg(test)]
mod tests;
