//! The policy in force, which may change while the gateway runs.

use std::sync::{Arc, PoisonError, RwLock};

use shell_core::{
    Config,
    config::Role,
    policy::{Policy, PolicyError},
};

/// A policy that is replaced for all clones of this at once. Requests in flight
/// keep the one they were authorised by.
#[derive(Debug, Clone)]
pub struct LivePolicy(Arc<RwLock<Arc<ActivePolicy>>>);

/// A policy, and how pages describe its roles.
#[derive(Debug)]
pub(crate) struct ActivePolicy {
    pub(crate) policy: Policy,
    /// `None`: as the configuration says.
    roles: Option<Vec<Role>>,
}

impl Default for LivePolicy {
    /// The built-in policy.
    fn default() -> Self {
        Self::of(ActivePolicy {
            policy: Policy::built_in(),
            roles: None,
        })
    }
}

impl LivePolicy {
    /// The policy that this document describes.
    ///
    /// # Errors
    /// With the place in the document and what is wrong there.
    pub fn parse(document: &str) -> Result<Self, PolicyError> {
        ActivePolicy::parse(document).map(Self::of)
    }

    /// Puts the policy of this document in place of the one in force.
    ///
    /// # Errors
    /// As [`parse`](Self::parse); the one in force stays.
    pub fn replace(&self, document: &str) -> Result<(), PolicyError> {
        let next = Arc::new(ActivePolicy::parse(document)?);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = next;
        Ok(())
    }

    pub(crate) fn current(&self) -> Arc<ActivePolicy> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn of(policy: ActivePolicy) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(policy))))
    }
}

impl ActivePolicy {
    fn parse(document: &str) -> Result<Self, PolicyError> {
        let policy = Policy::parse(document)?;
        Ok(Self {
            roles: Some(policy.roles()),
            policy,
        })
    }

    /// The configuration as pages get it, with the roles that the policy has.
    pub(crate) fn apply_roles(&self, config: &Config) -> Config {
        let mut config = config.clone();
        if let Some(roles) = &self.roles {
            config.roles.clone_from(roles);
        }
        config
    }
}
