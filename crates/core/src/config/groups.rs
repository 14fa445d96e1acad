//! Where a token says which groups its user is in.

mod error;
mod path;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

pub use self::error::GroupsError;
use self::error::{kind, list_with};
use crate::read::{self, OneOrMany, Problem};

/// Rules that find a user's groups among the claims of a token. A user for whom
/// they find none is in no group, and the policy does not admit such a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Groups(Vec<Rule>);

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "GivenRule")]
struct Rule {
    /// The claim's name; of one inside others all their names, from the outside,
    /// as a list or as one text with dots. `groups[]` means each of a list.
    claim: Vec<String>,
    /// Which of the claim's values makes a member of `group`; empty if they are
    /// all names of groups.
    #[serde(skip_serializing_if = "String::is_empty")]
    value: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    group: String,
    /// What is between the groups of a text; empty if a text is one group or, with
    /// a value to look for, words.
    #[serde(skip_serializing_if = "String::is_empty")]
    separator: String,
}

/// A rule as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenRule {
    claim: Option<OneOrMany>,
    #[serde(default, deserialize_with = "read::or_default")]
    value: String,
    #[serde(default, deserialize_with = "read::or_default")]
    group: String,
    #[serde(default, deserialize_with = "read::or_default")]
    separator: String,
}

impl Default for Groups {
    /// Cognito's claim.
    fn default() -> Self {
        Self(vec![Rule {
            claim: vec!["cognito:groups".to_owned()],
            value: String::new(),
            group: String::new(),
            separator: String::new(),
        }])
    }
}

impl Groups {
    /// Reads such a list as a document of its own.
    ///
    /// # Errors
    /// With the key and what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        read::document(text).map_err(|Problem { key, problem }| match key.as_str() {
            "" => problem,
            key => format!("`{key}` {problem}"),
        })
    }

    /// The groups of the user of whom these are the claims, each once. They may be
    /// those of a token or of any other answer about the user.
    ///
    /// # Errors
    /// With the claim that a rule cannot read. Then the user is in no group: one
    /// that is missing might be the one that denies.
    pub fn of(&self, claims: &Map<String, Value>) -> Result<Vec<String>, GroupsError> {
        let mut groups = Vec::new();
        for rule in &self.0 {
            for value in rule.values(claims)? {
                let group = rule.group(value);
                if !group.is_empty() && !groups.contains(&group) {
                    groups.push(group);
                }
            }
        }
        Ok(groups)
    }

    /// Whether they are Cognito's, which need not be written down.
    pub(crate) fn are_usual(&self) -> bool {
        *self == Self::default()
    }
}

impl<'de> Deserialize<'de> for Groups {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rules = Vec::deserialize(deserializer)?;
        Ok(if rules.is_empty() {
            Self::default()
        } else {
            Self(rules)
        })
    }
}

impl TryFrom<GivenRule> for Rule {
    type Error = &'static str;

    fn try_from(given: GivenRule) -> Result<Self, &'static str> {
        let GivenRule {
            claim,
            value,
            group,
            separator,
        } = given;
        let claim = match claim {
            Some(OneOrMany::One(name)) => vec![name],
            Some(OneOrMany::Many(names)) => names,
            None => Vec::new(),
        };
        if claim.is_empty() {
            return Err("`claim` is missing");
        }
        if value.is_empty() != group.is_empty() {
            return Err("`value` and `group` belong together");
        }
        let mut rule = Self {
            claim,
            value,
            group,
            separator,
        };
        if rule.is_address() {
            rule.value.make_ascii_lowercase();
        }
        Ok(rule)
    }
}

impl Rule {
    fn is_address(&self) -> bool {
        self.claim == ["email"]
    }

    /// The claim's values.
    fn values(&self, claims: &Map<String, Value>) -> Result<Vec<String>, GroupsError> {
        let found = path::find(&self.claim, claims);
        let found = found.map_err(|found| self.unreadable(found))?;
        // Anyone can claim an address.
        let is_unverified = || claims.get("email_verified") != Some(&Value::Bool(true));
        if self.is_address() && is_unverified() {
            return Ok(Vec::new());
        }
        let mut values = Vec::new();
        for value in found {
            self.read(value, &mut values)?;
        }
        Ok(values)
    }

    /// Adds what a value holds. Null is what some write for nothing (OpenID
    /// Connect Core §5.3.2).
    fn read(&self, value: &Value, values: &mut Vec<String>) -> Result<(), GroupsError> {
        match value {
            Value::Null => {}
            Value::String(text) => values.extend(self.split(text)),
            // An address is one text, which is or is not verified.
            Value::Array(all) if !self.is_address() => {
                for item in all {
                    let text = item.as_str();
                    let text = text.ok_or_else(|| self.unreadable(list_with(item)))?;
                    values.push(text.to_owned());
                }
            }
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                return Err(self.unreadable(kind(value)));
            }
        }
        Ok(())
    }

    /// The values of a text. A rule that looks for one takes a text for words, as
    /// `scope` is (RFC 6749 §3.3).
    fn split(&self, text: &str) -> Vec<String> {
        if self.is_address() {
            return vec![text.to_ascii_lowercase()];
        }
        let separator = match &*self.separator {
            "" if self.value.is_empty() => return vec![text.to_owned()],
            "" => " ",
            separator => separator,
        };
        let parts = text.split(separator).map(str::trim);
        parts.map(ToOwned::to_owned).collect()
    }

    fn unreadable(&self, found: &'static str) -> GroupsError {
        GroupsError {
            claim: self.claim.join("."),
            found,
        }
    }

    /// The group that this value of the claim makes its user a member of; empty
    /// if it is none.
    fn group(&self, value: String) -> String {
        if self.value.is_empty() {
            return value;
        }
        let is_in_domain =
            || self.is_address() && self.value.starts_with('@') && value.ends_with(&self.value);
        if value == self.value || is_in_domain() {
            self.group.clone()
        } else {
            String::new()
        }
    }
}
