//! Where a token says which groups its user is in.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

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
    /// The claim's name; of one inside others all their names, from the outside.
    claim: Vec<String>,
    /// Which of the claim's values makes a member of `group`; empty if they are
    /// all names of groups.
    #[serde(skip_serializing_if = "String::is_empty")]
    value: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    group: String,
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
}

impl Default for Groups {
    /// Cognito's claim.
    fn default() -> Self {
        Self(vec![Rule {
            claim: vec!["cognito:groups".to_owned()],
            value: String::new(),
            group: String::new(),
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

    /// The groups of the user of whom these are the claims, each once.
    ///
    /// `None` if a claim that a rule reads is neither a list of texts nor, with
    /// a value to look for, a text.
    pub(crate) fn of(&self, claims: &Map<String, Value>) -> Option<Vec<String>> {
        let mut groups = Vec::new();
        for rule in &self.0 {
            for value in rule.values(claims)? {
                let group = rule.group(value);
                if !group.is_empty() && !groups.contains(&group) {
                    groups.push(group);
                }
            }
        }
        Some(groups)
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

    /// The claim's values. Only a rule that looks for a value reads a text: one
    /// with words, as `scope` is (RFC 6749 §3.3), or an address, which may have
    /// spaces, and counts if it is verified: anyone can claim one.
    fn values(&self, claims: &Map<String, Value>) -> Option<Vec<String>> {
        let (name, inner) = self.claim.split_first()?;
        let outer = claims.get(name);
        let found = inner.iter().fold(outer, |found, name| found?.get(name));
        let is_unverified = || claims.get("email_verified") != Some(&Value::Bool(true));
        match found {
            None => Some(Vec::new()),
            Some(_) if self.is_address() && is_unverified() => Some(Vec::new()),
            Some(Value::String(text)) if self.is_address() => Some(vec![text.to_ascii_lowercase()]),
            Some(Value::String(text)) if !self.value.is_empty() => {
                Some(text.split(' ').map(ToOwned::to_owned).collect())
            }
            Some(found) => {
                let texts = found.as_array()?.iter();
                texts.map(|text| text.as_str().map(str::to_owned)).collect()
            }
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
