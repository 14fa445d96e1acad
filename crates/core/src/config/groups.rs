//! Where a token says which groups its user is in.

use serde::Serialize;

use crate::json::{self, Object, Parse, Problem, Value, Wrong};

/// Rules that find a user's groups among the claims of a token. Whoever they
/// find no group for is in none, and the policy admits nobody who is in none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Groups(Vec<Rule>);

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
    /// Reads the list under `groups`.
    pub(super) fn read(provider: Object<'_>) -> Result<Self, Wrong> {
        let mut rules = Vec::new();
        for object in provider.objects("groups", "provider.groups.")? {
            rules.push(Rule::read(object)?);
        }
        Ok(if rules.is_empty() {
            Self::default()
        } else {
            Self(rules)
        })
    }

    /// Reads such a list as a document of its own.
    ///
    /// # Errors
    /// With the key and what is wrong with it.
    pub fn parse(text: &str, parse: Parse) -> Result<Self, String> {
        let read = || {
            let list = json::parse(text, parse)?;
            Self::read(Value::Object(vec![("groups".to_owned(), list)]).root()?)
        };
        read().map_err(|Wrong(wrong)| {
            let Problem { key, problem } = *wrong;
            let key = key.rsplit('.').next().unwrap_or_default();
            if key.is_empty() || key == "groups" {
                problem
            } else {
                ["`", key, "` ", &problem].concat()
            }
        })
    }

    /// The groups of the user of whom these are the claims, each once.
    ///
    /// `None` if a claim that a rule reads is neither a list of texts nor, with
    /// a value to look for, a text.
    pub(crate) fn of(&self, claims: &Value) -> Option<Vec<String>> {
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

impl Rule {
    fn read(object: Object<'_>) -> Result<Self, Wrong> {
        object.only(&["claim", "value", "group"])?;
        let claim = match object.maybe_text("claim") {
            Ok(Some(name)) => vec![name.to_owned()],
            _ => object.maybe_texts("claim")?.unwrap_or_default(),
        };
        if claim.is_empty() {
            return object.wrong("claim", "is missing");
        }
        let text = |key| {
            object
                .maybe_text(key)
                .map(|text| text.unwrap_or("").to_owned())
        };
        let (value, group) = (text("value")?, text("group")?);
        if value.is_empty() != group.is_empty() {
            return object.wrong("value", "and `group` belong together");
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

    fn is_address(&self) -> bool {
        self.claim == ["email"]
    }

    /// The claim's values. Only a rule that looks for a value reads a text: one
    /// with words, as `scope` is (RFC 6749 §3.3), or an address, which may have
    /// spaces, and counts if it is verified: anyone can claim one.
    fn values(&self, claims: &Value) -> Option<Vec<String>> {
        let mut found = claims;
        for name in &self.claim {
            match found.field(name) {
                Some(value) => found = value,
                None => return Some(Vec::new()),
            }
        }
        if self.is_address() && claims.field("email_verified") != Some(&Value::True) {
            return Some(Vec::new());
        }
        match found {
            Value::Text(text) if self.is_address() => Some(vec![text.to_ascii_lowercase()]),
            Value::Text(text) if !self.value.is_empty() => {
                Some(text.split(' ').map(ToOwned::to_owned).collect())
            }
            Value::Text(_)
            | Value::List(_)
            | Value::Null
            | Value::Number(_)
            | Value::Object(_)
            | Value::True
            | Value::Other => found.as_texts(),
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
