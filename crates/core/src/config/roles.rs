//! The groups that are admitted, and what the screen says they may do.

use serde::{Deserialize, Deserializer, Serialize};

use super::Config;
use crate::{messages::role, read};

/// A group, and what its members may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// The group.
    pub group: String,
    /// What its members may do, after their name: "can read everything".
    pub rights: String,
}

impl Role {
    /// The roles of the built-in policy.
    pub fn built_in() -> Vec<Self> {
        let role = |(group, rights): &(&str, &str)| Self::new(group, rights);
        role::BUILT_IN.iter().map(role).collect()
    }

    /// A role.
    pub fn new(group: &str, rights: &str) -> Self {
        Self {
            group: group.to_owned(),
            rights: rights.to_owned(),
        }
    }
}

/// Reads the list; without one the roles are those of the built-in policy.
pub(super) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Role>, D::Error> {
    let roles: Vec<Role> = read::or_default(deserializer)?;
    Ok(if roles.is_empty() {
        Role::built_in()
    } else {
        roles
    })
}

impl Config {
    /// The strongest role of a user of `groups`, if the user is admitted.
    pub(crate) fn role(&self, groups: &[String]) -> Option<&Role> {
        let mut roles = self.roles.iter();
        roles.find(|role| groups.contains(&role.group))
    }

    /// The groups that are admitted.
    pub(crate) fn groups(&self) -> Vec<String> {
        self.roles.iter().map(|role| role.group.clone()).collect()
    }
}
