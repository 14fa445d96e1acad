//! The policy in force, which may change while the gateway runs.

use std::sync::{Arc, PoisonError, RwLock};

use shell_core::{
    Config,
    config::Role,
    policy::{Policy, PolicyError},
};

/// A policy that everyone who has a clone of this sees replaced at once.
/// Requests under way keep the one they were judged by.
#[derive(Debug, Clone)]
pub struct LivePolicy(Arc<RwLock<Arc<InForce>>>);

/// A policy, and what the screen says of it.
#[derive(Debug)]
pub(crate) struct InForce {
    pub(crate) policy: Policy,
    /// `None` leaves that to the configuration.
    roles: Option<Vec<Role>>,
}

impl Default for LivePolicy {
    /// The built-in policy.
    fn default() -> Self {
        Self::of(InForce {
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
        InForce::parse(document).map(Self::of)
    }

    /// Puts the policy of this document in place of the one in force.
    ///
    /// # Errors
    /// As [`parse`](Self::parse); the one in force stays.
    pub fn replace(&self, document: &str) -> Result<(), PolicyError> {
        let next = Arc::new(InForce::parse(document)?);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = next;
        Ok(())
    }

    pub(crate) fn in_force(&self) -> Arc<InForce> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn of(policy: InForce) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(policy))))
    }
}

impl InForce {
    fn parse(document: &str) -> Result<Self, PolicyError> {
        let policy = Policy::parse(document)?;
        Ok(Self {
            roles: Some(policy.roles()),
            policy,
        })
    }

    /// The configuration as pages get it: what they say of a group is what its
    /// members may do.
    pub(crate) fn tell(&self, config: &Config) -> Config {
        let mut config = config.clone();
        if let Some(roles) = &self.roles {
            config.roles.clone_from(roles);
        }
        config
    }
}
