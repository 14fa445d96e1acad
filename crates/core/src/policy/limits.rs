//! What a rule is limited to: experiments, models or workspaces, by name,
//! beginning of a name, or tag.

use serde::Deserialize;

use super::{
    references::{Reference, Scope},
    resources::Labels,
};

/// What a rule is limited to. A request that does not say what it is about is not
/// covered by a rule with limits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    /// Experiments, and all that belongs to one.
    pub experiments: Vec<Pattern>,
    /// Registered models and prompts.
    pub models: Vec<Pattern>,
    /// Workspaces that requests act in.
    pub workspaces: Vec<Pattern>,
}

/// A name, what names begin with, or a tag.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "GivenPattern")]
pub enum Pattern {
    /// This name and no other.
    Exact(String),
    /// All names that begin so.
    Prefix(String),
    /// What has a tag of this key and value.
    Tag(String, String),
}

/// A pattern as it is written.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "must be a name, the beginning of names and `*`, or a tag: {\"tag\": …, \"value\": …}"
)]
enum GivenPattern {
    Name(String),
    Tag(GivenTag),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenTag {
    tag: String,
    value: String,
}

impl TryFrom<GivenPattern> for Pattern {
    type Error = &'static str;

    fn try_from(given: GivenPattern) -> Result<Self, &'static str> {
        match given {
            GivenPattern::Name(text) => Self::parse(&text),
            GivenPattern::Tag(GivenTag { tag, .. }) if tag.is_empty() => Err("has an empty `tag`"),
            GivenPattern::Tag(GivenTag { tag, value }) => Ok(Self::Tag(tag, value)),
        }
    }
}

impl Limits {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.experiments.is_empty() && self.models.is_empty() && self.workspaces.is_empty()
    }

    /// Whether names within a workspace are not limited.
    pub(super) fn is_whole_workspace(&self) -> bool {
        self.experiments.is_empty() && self.models.is_empty()
    }

    /// The patterns of this kind.
    pub fn patterns(&self, scope: Scope) -> &[Pattern] {
        match scope {
            Scope::Experiments => &self.experiments,
            Scope::Models => &self.models,
            Scope::Workspaces => &self.workspaces,
        }
    }

    /// All patterns.
    pub fn all(&self) -> impl Iterator<Item = &Pattern> {
        self.experiments
            .iter()
            .chain(&self.models)
            .chain(&self.workspaces)
    }

    /// Whether requests of a workspace called `name` are within.
    pub(super) fn cover_workspace(&self, name: Option<&str>) -> bool {
        self.workspaces.is_empty()
            || name.is_some_and(|name| self.workspaces.iter().any(|it| it.covers_name(name)))
    }

    /// Whether it matters what `reference` leads to: its name is known, if it is given
    /// by that.
    pub(super) fn depends_on(&self, reference: &Reference) -> bool {
        let mut patterns = self.patterns(reference.kind.scope()).iter();
        if reference.kind.is_name() {
            patterns.any(|pattern| matches!(pattern, Pattern::Tag(..)))
        } else {
            patterns.next().is_some()
        }
    }

    /// Whether what `reference` leads to is within; `labels` are those of that, if they
    /// are known.
    pub(super) fn cover(&self, reference: &Reference, labels: Option<&[&Labels]>) -> bool {
        let patterns = self.patterns(reference.kind.scope());
        if reference.kind.is_name() && patterns.iter().any(|it| it.covers_name(&reference.value)) {
            return true;
        }
        let covers = |labels: &&Labels| patterns.iter().any(|pattern| pattern.covers(labels));
        labels.is_some_and(|all| all.iter().all(covers))
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

    /// Whether it covers what has these labels.
    pub fn covers(&self, labels: &Labels) -> bool {
        match self {
            Self::Tag(key, value) => labels.tags.get(key) == Some(value),
            Self::Exact(_) | Self::Prefix(_) => self.covers_name(&labels.name),
        }
    }

    /// Whether it covers everything of this name.
    pub fn covers_name(&self, name: &str) -> bool {
        match self {
            Self::Exact(exact) => name == exact,
            Self::Prefix(prefix) => name.starts_with(prefix.as_str()),
            Self::Tag(..) => false,
        }
    }

    /// The same in MLflow's language of filters; `None` if that has no way to say
    /// it.
    pub(super) fn filter(&self) -> Option<String> {
        let is_plain = |text: &str| !text.contains(['\'', '"', '\\', '`']);
        let (plain, text) = match self {
            Self::Exact(name) => (is_plain(name), format!("name = '{name}'")),
            Self::Prefix(name) => (is_plain(name), format!("name LIKE '{name}%'")),
            Self::Tag(key, value) => (
                is_plain(key) && is_plain(value),
                format!("tags.`{key}` = '{value}'"),
            ),
        };
        plain.then_some(text)
    }

    /// The same as a policy has it.
    pub fn text(&self) -> String {
        match self {
            Self::Exact(name) => name.clone(),
            Self::Prefix(name) => format!("{name}*"),
            Self::Tag(key, value) => format!("tag {key} = {value}"),
        }
    }
}
