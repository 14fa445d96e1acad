//! A policy as a JSON document.
//!
//! ```json
//! { "rules": [
//!   { "name": "administration", "groups": ["admins"], "allow": "everything" },
//!   { "name": "reading", "groups": ["readers", "data-scientists"], "allow": { "*": ["read"] } },
//!   { "name": "tracking", "groups": ["data-scientists"],
//!     "allow": { "experiments": ["write"], "runs": ["write"], "artifacts": ["write"] } },
//!   { "name": "fraud", "groups": ["fraud"], "experiments": ["fraud-*"], "models": ["fraud-*"],
//!     "allow": { "experiments": ["read", "write"], "runs": ["read", "write"],
//!                "registered-models": ["read", "write"] } },
//!   { "name": "lab", "groups": ["lab"], "experiments": [{ "tag": "team", "value": "lab" }],
//!     "allow": { "runs": ["read"] } }
//! ] }
//! ```
//!
//! A rule's `workspaces` limit it to requests that act in these.
//!
//! Every key is known or refused, and a refusal names the place.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor},
};

use super::{
    Policy, endpoints,
    limits::{Limits, Pattern},
    operation::{Access, Area},
    references::Scope,
    rule::{Rights, Rule},
};
use crate::read::{self, Problem};

/// What is wrong with a policy, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyError {
    /// The place, such as `rules[2].allow.runs`; empty for the document.
    pub place: String,
    /// What is wrong there: "is missing".
    pub problem: String,
}

impl Policy {
    /// Reads and validates a document.
    ///
    /// # Errors
    /// With the place and what is wrong there.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Document {
            #[serde(deserialize_with = "rules")]
            rules: Vec<Rule>,
        }

        let Document { rules } = read::document(text)?;
        Ok(Self::new(rules))
    }
}

fn rules<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Rule>, D::Error> {
    let rules: Vec<Rule> = filled(deserializer, "is empty: nobody could do anything")?;
    for (place, Rule { name, .. }) in rules.iter().enumerate() {
        if rules.iter().take(place).any(|other| other.name == *name) {
            let problem = format!("`[{place}].name` is the name of another rule, too");
            return Err(D::Error::custom(problem));
        }
    }
    Ok(rules)
}

/// Reads a list with something in it.
fn filled<'de, T, D>(deserializer: D, problem: &str) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    let list = Vec::deserialize(deserializer)?;
    if list.is_empty() {
        return Err(D::Error::custom(problem));
    }
    Ok(list)
}

/// A rule as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GivenRule {
    name: Word,
    #[serde(deserialize_with = "groups")]
    groups: Vec<Word>,
    allow: Allow,
    #[serde(default, deserialize_with = "patterns")]
    experiments: Vec<Pattern>,
    #[serde(default, deserialize_with = "patterns")]
    models: Vec<Pattern>,
    #[serde(default, deserialize_with = "names")]
    workspaces: Vec<Pattern>,
}

fn groups<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Word>, D::Error> {
    filled(deserializer, "is empty: the rule would be for nobody")
}

fn patterns<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Pattern>, D::Error> {
    filled(
        deserializer,
        "is empty: leave it out if the rule has no limit",
    )
}

/// Patterns of names only: MLflow's workspaces have no tags.
fn names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Pattern>, D::Error> {
    let patterns = patterns(deserializer)?;
    if patterns.iter().any(|it| matches!(it, Pattern::Tag(..))) {
        return Err(D::Error::custom(
            "takes names only: workspaces have no tags",
        ));
    }
    Ok(patterns)
}

impl TryFrom<GivenRule> for Rule {
    type Error = String;

    fn try_from(given: GivenRule) -> Result<Self, String> {
        let limits = Limits {
            experiments: given.experiments,
            models: given.models,
            workspaces: given.workspaces,
        };
        Ok(Self {
            name: given.name.0,
            groups: given.groups.into_iter().map(|Word(name)| name).collect(),
            allow: given.allow.rights(&limits)?,
            limits,
        })
    }
}

/// A text with something in it.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Word(String);

impl TryFrom<String> for Word {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        if text.trim() == text && !text.is_empty() {
            return Ok(Self(text));
        }
        Err("is empty, or has spaces around it")
    }
}

impl TryFrom<String> for Access {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, &'static str> {
        let mut all = Self::ALL.into_iter();
        all.find(|access| access.as_str() == name)
            .ok_or("must be \"read\", \"write\" or \"manage\"")
    }
}

/// What a rule allows, as it is written.
enum Allow {
    Everything,
    /// Accesses by the name of an area, or `*`.
    Areas(Vec<(String, Accesses)>),
}

#[derive(Deserialize)]
#[serde(transparent)]
struct Accesses(#[serde(deserialize_with = "accesses")] Vec<Access>);

fn accesses<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Access>, D::Error> {
    filled(deserializer, "is empty: it allows nothing")
}

impl<'de> Deserialize<'de> for Allow {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Areas;

        impl<'de> Visitor<'de> for Areas {
            type Value = Allow;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"everything\", or lists of accesses by area")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Allow, E> {
                match text {
                    "everything" => Ok(Allow::Everything),
                    _ => Err(E::custom(
                        "must be \"everything\", or lists of accesses by area",
                    )),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Allow, A::Error> {
                let mut areas: Vec<(String, Accesses)> = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    if areas.iter().any(|(other, _)| *other == name) {
                        return Err(A::Error::custom(format!("`{name}` is there twice")));
                    }
                    if called(&name).next().is_none() {
                        let known = Area::ALL.map(Area::as_str).join(", ");
                        let problem = format!("`{name}` is no area; the areas are: *, {known}");
                        return Err(A::Error::custom(problem));
                    }
                    areas.push((name, map.next_value()?));
                }
                Ok(Allow::Areas(areas))
            }
        }

        deserializer.deserialize_any(Areas)
    }
}

impl Allow {
    fn rights(&self, limits: &Limits) -> Result<Rights, String> {
        match self {
            Self::Everything if limits.is_empty() => Ok(Rights::EVERYTHING),
            Self::Everything => {
                Err("`allow` is \"everything\", which cannot be limited: list the areas".to_owned())
            }
            Self::Areas(areas) if areas.is_empty() => {
                Err("`allow` is empty: it allows nothing".to_owned())
            }
            Self::Areas(areas) => {
                areas
                    .iter()
                    .try_fold(Rights::default(), |all, (name, listed)| {
                        let rights = of_area(name, &listed.0, limits);
                        let place = |problem: String| format!("`allow.{name}` {problem}");
                        Ok(all.union(rights.map_err(place)?))
                    })
            }
        }
    }
}

/// The area called `name`, or every one; none if there is no such area.
fn called(name: &str) -> impl Iterator<Item = Area> {
    let is_meant = move |area: &Area| name == "*" || area.as_str() == name;
    Area::ALL.into_iter().filter(is_meant)
}

/// The accesses listed here to the area called `name`, or to every one.
fn of_area(name: &str, listed: &[Access], limits: &Limits) -> Result<Rights, String> {
    if !limits.is_empty() && !called(name).all(|area| limits.can_hold(area)) {
        return Err(format!(
            "cannot be limited so: {}. Give it in a rule of its own",
            areas_with_limits()
        ));
    }
    let pairs = called(name).flat_map(|area| listed.iter().map(move |access| (area, *access)));
    Ok(pairs.fold(Rights::default(), |rights, (area, access)| {
        rights.and(area, access)
    }))
}

impl From<Problem> for PolicyError {
    fn from(Problem { key, problem }: Problem) -> Self {
        let place = key;
        Self { place, problem }
    }
}

/// Which areas take which limits.
fn areas_with_limits() -> String {
    let of_scope = |scope| {
        let areas = Area::ALL
            .into_iter()
            .filter(move |area| is_of(*area, scope));
        areas.map(Area::as_str).collect::<Vec<_>>().join(", ")
    };
    let [experiments, models] = [Scope::Experiments, Scope::Models].map(of_scope);
    format!(
        "`experiments` limit {experiments}; `models` limit {models}; `workspaces` limit all but \
         assistant, users and server"
    )
}

/// Whether requests for `area` say which entities of this kind they are about.
fn is_of(area: Area, scope: Scope) -> bool {
    let mut of_area = endpoints::all().filter(|endpoint| endpoint.area == area);
    area.scope() == scope && of_area.any(|endpoint| endpoint.about.can_be_limited(scope))
}

impl Limits {
    /// Whether requests for `area` say enough to be within these limits.
    fn can_hold(&self, area: Area) -> bool {
        let holds = |scope: Scope| !self.patterns(scope).is_empty() && is_of(area, scope);
        if self.is_whole_workspace() {
            return !matches!(area, Area::Assistant | Area::Users | Area::Server);
        }
        holds(Scope::Experiments) || holds(Scope::Models)
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
