//! Rules: who may do what.

use serde::Deserialize;

use super::{
    document::GivenRule,
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

/// The names that a rule is limited to. A request that does not carry a name
/// is not covered by a rule with limits: whose it is would be a guess.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    /// Of experiments.
    pub experiments: Vec<Pattern>,
    /// Of registered models.
    pub models: Vec<Pattern>,
}

/// A name, or what names begin with.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Pattern {
    /// This name and no other.
    Exact(String),
    /// All names that begin so.
    Prefix(String),
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

impl Limits {
    /// Whether there are any.
    pub fn is_empty(&self) -> bool {
        self.experiments.is_empty() && self.models.is_empty()
    }
}

impl Pattern {
    /// Reads a name, or the beginning of names with `*` at its end.
    ///
    /// # Errors
    /// If `*` stands elsewhere, or nothing else is there.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let (name, is_prefix) = match text.strip_suffix('*') {
            Some(prefix) => (prefix, true),
            None => (text, false),
        };
        if name.is_empty() {
            return Err("is empty: give a name, or the beginning of names and `*`");
        }
        if name.contains('*') {
            return Err("has `*` elsewhere than at its end");
        }
        let name = name.to_owned();
        Ok(if is_prefix {
            Self::Prefix(name)
        } else {
            Self::Exact(name)
        })
    }

    /// Whether it covers `name`.
    pub fn covers(&self, name: &str) -> bool {
        match self {
            Self::Exact(exact) => name == exact,
            Self::Prefix(prefix) => name.starts_with(prefix.as_str()),
        }
    }
}
