//! Settings from several sources, merged.
//!
//! 1. A file in TOML.
//! 2. The environment: `MLFLOW_SHELL_LISTEN`, and `MLFLOW_SHELL_TIMEOUTS__HEAD`
//!    for a key of a section.
//! 3. The command line.
//!
//! The later source wins, key by key. The source of each value is kept, so that
//! errors name it.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};

use serde_path_to_error::{Path as Place, Segment};
use toml::{Table, Value};

use super::{
    Settings, environment,
    inline::{INLINE, InlineSetting, may_hold_secret},
};

/// Where a value is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingSource {
    /// The default.
    Default,
    /// This file.
    File(PathBuf),
    /// This variable of the environment.
    Variable(String),
    /// This flag of the command line.
    Flag(&'static str),
}

/// The keys on the way to a value, such as `["timeouts", "head"]`.
pub(super) type Keys = Vec<String>;

/// Settings from several sources.
#[derive(Debug, Clone, Default)]
pub struct SettingsSources {
    table: Table,
    sources: BTreeMap<Keys, SettingSource>,
    errors: Vec<SettingError>,
}

/// The settings of all sources, merged.
#[derive(Debug, Clone)]
pub struct ResolvedSettings {
    /// The settings.
    pub settings: Settings,
    sources: BTreeMap<Keys, SettingSource>,
}

/// A setting that is wrong: where it is from, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {}{why}", if .key.is_empty() { String::new() } else { format!("`{key}`: ") })]
pub struct SettingError {
    place: SettingSource,
    key: String,
    why: String,
}

impl SettingError {
    /// The first of the keys on the way to the value: a section, or a setting of none.
    /// Empty if the file is not TOML.
    pub fn section(&self) -> &str {
        self.key.split('.').next().unwrap_or_default()
    }
}

impl SettingsSources {
    /// Adds a file.
    #[must_use]
    pub fn with_file(mut self, path: &Path) -> Self {
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|error| format!("cannot be read: {error}"));
        let table = text.and_then(|text| parse(&text));
        let source = SettingSource::File(path.to_owned());
        match table {
            Ok(mut table) => {
                self.refuse_secrets(&mut table, &source);
                self.merge(Vec::new(), Value::Table(table), &source);
            }
            Err(why) => self.refuse(source, String::new(), why),
        }
        self
    }

    /// Adds variables of the environment.
    #[must_use]
    pub fn with_environment(mut self, variables: impl Iterator<Item = (String, String)>) -> Self {
        for (name, keys, value) in environment::settings(variables) {
            self.merge(keys, value, &SettingSource::Variable(name));
        }
        self
    }

    /// Lets the value of a flag, if it is given, override the other sources.
    #[must_use]
    pub fn with_flag(
        mut self,
        flag: &'static str,
        keys: &[&str],
        value: Option<impl Into<Value>>,
    ) -> Self {
        if let Some(value) = value {
            self.merge(owned(keys), value.into(), &SettingSource::Flag(flag));
        }
        self
    }

    /// Merges them.
    ///
    /// # Errors
    /// With every setting that is wrong.
    pub fn read(self) -> Result<ResolvedSettings, Vec<SettingError>> {
        match self.read_valid() {
            (Some(resolved), errors) if errors.is_empty() => Ok(resolved),
            (_, errors) => Err(errors),
        }
    }

    /// Merges those that are valid, so that they can be checked although others are
    /// wrong, and returns every setting that is wrong. Nothing may run with them:
    /// what is wrong has its default there.
    pub fn read_valid(mut self) -> (Option<ResolvedSettings>, Vec<SettingError>) {
        self.refuse_duplicates();
        loop {
            let read = serde_path_to_error::deserialize(Value::Table(self.table.clone()));
            let error = match read {
                Ok(settings) => {
                    let sources = self.sources;
                    return (Some(ResolvedSettings { settings, sources }), self.errors);
                }
                Err(error) => error,
            };
            let keys = keys(error.path());
            let why = without_value(&keys, error.inner().message());
            self.refuse(self.source(&keys), keys.join("."), why);
            // The rest may be wrong, too.
            if keys.is_empty() || !remove(&mut self.table, &keys) {
                return (None, self.errors);
            }
        }
    }

    /// Refuses the secrets in a file, and takes them out.
    fn refuse_secrets(&mut self, table: &mut Table, source: &SettingSource) {
        for setting in INLINE.iter().filter(|setting| setting.is_secret) {
            let keys = owned(setting.keys);
            if get(table, setting.keys).is_some() && remove(table, &keys) {
                let why = format!(
                    "it is taken from the environment only (MLFLOW_SHELL_{}), because files of \
                     settings are copied and shown: put it in a file of its own, and name that \
                     with `{}`",
                    setting.variable,
                    setting.file.join(".")
                );
                self.refuse(source.clone(), keys.join("."), why);
            }
        }
    }

    /// Refuses the contents of a file beside the file.
    fn refuse_duplicates(&mut self) {
        for InlineSetting { keys, file, .. } in &INLINE {
            if get(&self.table, keys).is_none() || get(&self.table, file).is_none() {
                continue;
            }
            let (keys, other) = (owned(keys), owned(file));
            let why = format!(
                "`{}` is given, too ({}): one stands for the other, so give only one",
                other.join("."),
                self.source(&other)
            );
            self.refuse(self.source(&keys), keys.join("."), why);
        }
    }

    fn merge(&mut self, keys: Keys, value: Value, source: &SettingSource) {
        let is_leaf = |table: &Table| table.is_empty() && !keys.is_empty();
        let Some(table) = value.as_table().filter(|table| !is_leaf(table)) else {
            return self.set(keys, value, source);
        };
        for (key, value) in table {
            let inner = [keys.as_slice(), std::slice::from_ref(key)].concat();
            self.merge(inner, value.clone(), source);
        }
    }

    /// Sets a value, and removes what is there or in the way.
    fn set(&mut self, keys: Keys, value: Value, source: &SettingSource) {
        let others = |of: &Keys| !of.starts_with(&keys) && !keys.starts_with(of);
        self.sources.retain(|of, _| others(of));
        insert_value(&mut self.table, &keys, value);
        self.sources.insert(keys, source.clone());
    }

    /// Where a value is from, or what is in it, or what it is in.
    fn source(&self, keys: &[String]) -> SettingSource {
        let mut sources = self.sources.iter();
        let found = sources.find(|(of, _)| keys.starts_with(of) || of.starts_with(keys));
        found.map_or(SettingSource::Default, |(_, source)| source.clone())
    }

    fn refuse(&mut self, place: SettingSource, key: String, why: String) {
        self.errors.push(SettingError { place, key, why });
    }
}

impl ResolvedSettings {
    /// Where the value of a key is from.
    pub fn source(&self, keys: &[String]) -> &SettingSource {
        let mut sources = self.sources.iter();
        let found = sources.find(|(of, _)| keys.starts_with(of));
        found.map_or(&SettingSource::Default, |(_, source)| source)
    }
}

/// A value in the way is replaced, such as an address in place of a table.
fn insert_value(table: &mut Table, keys: &[String], value: Value) {
    match keys {
        [] => {}
        [key] => drop(table.insert(key.clone(), value)),
        [key, rest @ ..] => {
            let entry = table.entry(key.clone());
            let inner = entry.or_insert_with(|| Value::Table(Table::new()));
            if !inner.is_table() {
                *inner = Value::Table(Table::new());
            }
            if let Value::Table(inner) = inner {
                insert_value(inner, rest, value);
            }
        }
    }
}

/// Parses a file. The parser's own errors quote the line, in which a secret may be.
fn parse(text: &str) -> Result<Table, String> {
    text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        let before = before.unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|it| *it != '\n').count() + 1;
        let why = error.message();
        format!("TOML parse error at line {line}, column {column}: {why}")
    })
}

/// An error without the value that it quotes, where that may be a secret.
fn without_value(keys: &[String], why: &str) -> String {
    match why.rsplit_once(", expected ") {
        Some((quoted, expected)) if may_hold_secret(keys) && quoted.starts_with("invalid ") => {
            format!("has a value of the wrong type, expected {expected}")
        }
        _ => why.to_owned(),
    }
}

fn owned(keys: &[&str]) -> Keys {
    keys.iter().copied().map(ToOwned::to_owned).collect()
}

fn get<'a>(table: &'a Table, keys: &[&str]) -> Option<&'a Value> {
    let (first, rest) = keys.split_first()?;
    let first = table.get(*first);
    rest.iter().fold(first, |value, key| value?.get(key))
}

/// Removes a value, or the list that it is in.
fn remove(table: &mut Table, keys: &[String]) -> bool {
    let Some((key, rest)) = keys.split_first() else {
        return false;
    };
    match table.get_mut(key) {
        Some(Value::Table(inner)) if !rest.is_empty() => remove(inner, rest),
        _ => table.remove(key).is_some(),
    }
}

fn keys(path: &Place) -> Keys {
    let key = |segment: &Segment| match segment {
        Segment::Map { key } => Some(key.clone()),
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Enum { .. } | Segment::Unknown => None,
    };
    path.iter().filter_map(key).collect()
}

impl fmt::Display for SettingSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => path.display().fmt(f),
            Self::Variable(name) => f.write_str(name),
            Self::Flag(flag) => f.write_str(flag),
        }
    }
}

#[cfg(test)]
mod tests;
