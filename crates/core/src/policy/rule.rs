//! Rules: who may do what.

use serde::Deserialize;

use super::{
    document::GivenRule,
    limits::{Limits, Pattern},
    operation::{Access, Area},
};

/// What the members of some groups may do.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "GivenRule")]
pub struct Rule {
    /// Its name, for logs and explanations.
    pub name: String,
    /// Whose members it is for.
    pub groups: Vec<String>,
    /// What it allows.
    pub allow: Rights,
    /// What it is limited to, if it is.
    pub limits: Limits,
}

/// A set of accesses to areas, or everything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rights {
    /// A bit for each access to each area.
    accesses: u64,
    /// Also endpoints that are not in the table.
    everything: bool,
}

impl Rights {
    /// Everything, unknown endpoints included.
    pub const EVERYTHING: Self = Self {
        accesses: u64::MAX,
        everything: true,
    };

    /// These rights, and `access` to `area`.
    #[must_use]
    pub fn and(self, area: Area, access: Access) -> Self {
        Self {
            accesses: self.accesses | bit(area, access),
            ..self
        }
    }

    /// `access` to every area.
    pub fn everywhere(access: Access) -> Self {
        let areas = Area::ALL.into_iter();
        areas.fold(Self::default(), |rights, area| rights.and(area, access))
    }

    /// Both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self {
            accesses: self.accesses | other.accesses,
            everything: self.everything || other.everything,
        }
    }

    /// Whether `access` to `area` is among them.
    pub fn has(self, area: Area, access: Access) -> bool {
        self.accesses & bit(area, access) != 0
    }

    /// How many they are.
    pub(super) fn strength(self) -> u32 {
        self.accesses.count_ones()
    }

    /// Whether they include endpoints that are not in the table.
    pub fn is_everything(self) -> bool {
        self.everything
    }
}

fn bit(area: Area, access: Access) -> u64 {
    1 << (area as u32 * 3 + access as u32)
}

impl Rule {
    /// A rule without limits.
    pub fn new(name: &str, groups: &[&str], allow: Rights) -> Self {
        Self {
            name: name.to_owned(),
            groups: groups.iter().map(ToString::to_string).collect(),
            allow,
            limits: Limits::default(),
        }
    }

    /// Whether it is for a user of `groups`.
    pub fn is_for(&self, groups: &[String]) -> bool {
        self.groups.iter().any(|group| groups.contains(group))
    }
}

impl Rule {
    /// Whether it is limited by more than the names that requests for experiments and
    /// registered models carry.
    pub(super) fn needs_lookups(&self) -> bool {
        let named = [Area::Experiments, Area::RegisteredModels];
        let reaches_others = Area::ALL.into_iter().any(|area| {
            let mut accesses = Access::ALL.into_iter();
            !named.contains(&area) && accesses.any(|access| self.allow.has(area, access))
        });
        let has_tags = self
            .limits
            .all()
            .any(|pattern| matches!(pattern, Pattern::Tag(..)));
        let is_limited = !self.limits.is_empty();
        is_limited && (reaches_others || has_tags || !self.limits.workspaces.is_empty())
    }
}
