//! A policy as a JSON document.
//!
//! ```json
//! { "rules": [
//!   { "name": "administration", "groups": ["admins"], "allow": "everything" },
//!   { "name": "reading", "groups": ["readers", "data-scientists"], "allow": { "*": ["read"] } },
//!   { "name": "tracking", "groups": ["data-scientists"],
//!     "allow": { "experiments": ["write"], "runs": ["write"], "artifacts": ["write"] } },
//!   { "name": "fraud-models", "groups": ["fraud"],
//!     "allow": { "registered-models": ["write"] }, "models": ["fraud-*"] }
//! ] }
//! ```
//!
//! Every key is known or refused, and a refusal names the place.

use std::fmt;

use super::{
    Policy,
    endpoints::{self, Kind},
    operation::{Access, Area},
    rule::{Limits, Pattern, Rights, Rule},
};
use crate::json::{Parse, Value, listed};

/// What is wrong with a policy, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyError {
    /// The place, such as `rules[2].allow.runs`; empty for the document.
    pub place: String,
    /// What is wrong there: "is missing".
    pub problem: String,
}

type Result<T> = std::result::Result<T, PolicyError>;

/// A value, and its place in the document.
struct At<'a> {
    value: &'a Value,
    place: String,
}

impl Policy {
    /// Reads and validates a document.
    ///
    /// # Errors
    /// With the place and what is wrong there.
    pub fn parse(text: &str, parse: Parse) -> Result<Self> {
        let document = parse(text).map_err(|words| PolicyError {
            place: String::new(),
            problem: ["is not JSON: ", &words].concat(),
        })?;
        let root = At {
            value: &document,
            place: String::new(),
        };
        root.only(&["rules"])?;
        let rules = root.get("rules")?.items()?;
        if rules.is_empty() {
            return root
                .get("rules")?
                .wrong("is empty: nobody could do anything");
        }
        let mut read: Vec<Rule> = Vec::new();
        for at in &rules {
            let rule = at.rule()?;
            if read.iter().any(|other| other.name == rule.name) {
                return at.get("name")?.wrong("is the name of another rule, too");
            }
            read.push(rule);
        }
        Ok(Self { rules: read })
    }
}

impl<'a> At<'a> {
    fn rule(&self) -> Result<Rule> {
        self.only(&["name", "groups", "allow", "experiments", "models"])?;
        let limits = Limits {
            experiments: self.patterns("experiments")?,
            models: self.patterns("models")?,
        };
        let rule = Rule {
            name: self.get("name")?.word()?,
            groups: self.get("groups")?.groups()?,
            allow: self.get("allow")?.rights(&limits)?,
            limits,
        };
        Ok(rule)
    }

    fn groups(&self) -> Result<Vec<String>> {
        let groups: Vec<String> = self.items()?.iter().map(At::word).collect::<Result<_>>()?;
        if groups.is_empty() {
            return self.wrong("is empty: the rule would be for nobody");
        }
        Ok(groups)
    }

    fn rights(&self, limits: &Limits) -> Result<Rights> {
        match self.value {
            Value::Text(text) if text == "everything" => {
                if limits.is_empty() {
                    return Ok(Rights::EVERYTHING);
                }
                self.wrong("is \"everything\", which cannot be limited to names")
            }
            Value::Object(fields) if fields.is_empty() => self.wrong("is empty: it allows nothing"),
            Value::Object(fields) => {
                let keys = fields.iter().map(|(key, _)| key);
                keys.map(|key| self.get(key)?.accesses(key, limits))
                    .try_fold(Rights::default(), |all, rights| Ok(all.union(rights?)))
            }
            Value::Null
            | Value::Number(_)
            | Value::Text(_)
            | Value::List(_)
            | Value::True
            | Value::Other => self.wrong("must be \"everything\", or lists of accesses by area"),
        }
    }

    /// The accesses listed here to the area called `key`, or to every one.
    fn accesses(&self, key: &str, limits: &Limits) -> Result<Rights> {
        let areas: Vec<Area> = Area::ALL
            .into_iter()
            .filter(|area| key == "*" || area.as_str() == key)
            .collect();
        if areas.is_empty() {
            let known = listed(", ", Area::ALL.iter().map(|area| area.as_str()));
            return self.wrong(&["is no area; the areas are: *, ", &known].concat());
        }
        if !limits.is_empty() && !areas.iter().all(|area| limits.can_hold(*area)) {
            return self.wrong(
                "cannot be limited to these names: requests for this area do not carry them",
            );
        }
        let listed = self.items()?;
        if listed.is_empty() {
            return self.wrong("is empty: it allows nothing");
        }
        let accesses: Vec<Access> = listed.iter().map(At::access).collect::<Result<_>>()?;
        let of_area = |rights: Rights, area: &Area| {
            let accesses = accesses.iter();
            accesses.fold(rights, |rights, access| rights.and(*area, *access))
        };
        Ok(areas.iter().fold(Rights::default(), of_area))
    }

    fn access(&self) -> Result<Access> {
        let name = self.text()?;
        let mut all = Access::ALL.into_iter();
        match all.find(|access| access.as_str() == name) {
            Some(access) => Ok(access),
            None => self.wrong("must be \"read\", \"write\" or \"manage\""),
        }
    }

    fn patterns(&self, key: &str) -> Result<Vec<Pattern>> {
        let Some(list) = self.maybe(key) else {
            return Ok(Vec::new());
        };
        let items = list.items()?;
        if items.is_empty() {
            return list.wrong("is empty: leave it out if the rule has no limit");
        }
        let pattern = |at: &At<'_>| match Pattern::parse(at.text()?) {
            Ok(pattern) => Ok(pattern),
            Err(problem) => at.wrong(problem),
        };
        items.iter().map(pattern).collect()
    }

    fn only(&self, known: &[&str]) -> Result<()> {
        let Value::Object(fields) = self.value else {
            return self.wrong("is not an object");
        };
        let mut keys = fields.iter().map(|(key, _)| key.as_str());
        match keys.find(|key| !known.contains(key)) {
            Some(key) => {
                let known = listed(", ", known.iter().copied());
                self.child(key)
                    .wrong(&["is not a known key; expected ", &known].concat())
            }
            None => Ok(()),
        }
    }

    fn get(&self, key: &str) -> Result<At<'a>> {
        self.maybe(key)
            .map_or_else(|| self.child(key).wrong("is missing"), Ok)
    }

    fn maybe(&self, key: &str) -> Option<At<'a>> {
        let Value::Object(fields) = self.value else {
            return None;
        };
        let (_, value) = fields.iter().rfind(|(name, _)| name == key)?;
        let place = self.child(key).place;
        Some(At { value, place })
    }

    /// This value, at the place of what it has under `key`.
    fn child(&self, key: &str) -> At<'a> {
        let dot = if self.place.is_empty() { "" } else { "." };
        At {
            value: self.value,
            place: [&self.place, dot, key].concat(),
        }
    }

    fn items(&self) -> Result<Vec<At<'a>>> {
        let Value::List(values) = self.value else {
            return self.wrong("is not a list");
        };
        let place = |index: usize| [&self.place, "[", &index.to_string(), "]"].concat();
        let items = values.iter().enumerate();
        Ok(items
            .map(|(index, value)| At {
                value,
                place: place(index),
            })
            .collect())
    }

    fn text(&self) -> Result<&'a str> {
        match self.value {
            Value::Text(text) => Ok(text),
            Value::Null
            | Value::Number(_)
            | Value::List(_)
            | Value::Object(_)
            | Value::True
            | Value::Other => self.wrong("is not a text"),
        }
    }

    /// A text with something in it.
    fn word(&self) -> Result<String> {
        let text = self.text()?;
        if text.trim() == text && !text.is_empty() {
            return Ok(text.to_owned());
        }
        self.wrong("is empty, or has spaces around it")
    }

    fn wrong<T>(&self, problem: &str) -> Result<T> {
        Err(PolicyError {
            place: self.place.clone(),
            problem: problem.to_owned(),
        })
    }
}

impl Limits {
    /// Whether any request for `area` carries a name of a kind that is limited.
    fn can_hold(&self, area: Area) -> bool {
        let limited = |kind| match kind {
            Kind::Experiment => !self.experiments.is_empty(),
            Kind::RegisteredModel => !self.models.is_empty(),
        };
        let mut of_area = endpoints::all().filter(|endpoint| endpoint.area == area);
        of_area.any(|endpoint| endpoint.names.iter().any(|name| limited(name.kind)))
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place.as_str() {
            "" => write!(f, "the policy {}", self.problem),
            place => write!(f, "the policy's `{place}` {}", self.problem),
        }
    }
}

impl std::error::Error for PolicyError {}
